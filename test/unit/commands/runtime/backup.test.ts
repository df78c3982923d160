import {existsSync} from 'node:fs'
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {generateIdentity, identityToRecipient} from 'age-encryption'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {isSealed, openBackup} from '../../../../src/lib/client/sealed-backup.js'
import {unpackBackup} from '../../../../src/lib/client/unpack-backup.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

describe('runtime:backup', () => {
  let platform: TestPlatform
  let directory: string
  let file: string
  beforeAll(async () => {
    platform = await startTestPlatform()
    await platform.run('create demo')
  })
  afterAll(() => platform[Symbol.asyncDispose]())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hk-'))
    file = join(directory, 'b.age')
    return () => rm(directory, {recursive: true})
  })
  const backup = (...args: string[]) => platform.run(['runtime:backup', file, ...args])
  const restored = async (key: Parameters<typeof openBackup>[1]) => await unpackBackup(await openBackup(file, key), join(directory, 'home'))

  it('writes what a recipient alone opens', async () => {
    const [mine, another] = [await generateIdentity(), await generateIdentity()]
    const {exitCode, stderr} = await backup('--recipient', await identityToRecipient(mine))
    expect(stderr).toMatch(/^Backing up to .*b\.age\.\.\. done, [\d.]+[kM]B\n$/i)
    expect(exitCode).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await isSealed(file)).toBe(true)
    await expect(openBackup(file, {identities: [another]})).rejects.toThrow('The identity does not open')
    expect(await restored({identities: [mine]})).toMatchObject({format: 1, apps: ['demo'], addons: []})
  })

  it('writes what is refused when a byte of it is another one, or its end is missing', async () => {
    const mine = await generateIdentity()
    await backup('--recipient', await identityToRecipient(mine))
    const whole = await readFile(file)
    const changed = Buffer.from(whole)
    changed[whole.length >> 1]! ^= 1
    for (const content of [changed, whole.subarray(0, whole.length - 1), whole.subarray(0, whole.length >> 1)]) {
      await writeFile(file, content)
      await expect(restored({identities: [mine]})).rejects.toThrow('cannot be restored, and nothing was changed')
      await rm(join(directory, 'home'), {recursive: true, force: true})
    }
  })

  it('in the clear says so', async () => {
    const {stderr} = await backup('--plain', '--images', 'none')
    expect(stderr.replace(/\s+›\s+/g, ' ')).toMatch(/Warning: .*b\.age will hold every secret of your apps in the clear/)
    expect(await isSealed(file)).toBe(false)
    expect(await restored(undefined)).toMatchObject({apps: ['demo'], images: 0})
  })

  it.each([
    [[], 'There is no terminal to ask for a passphrase: give --passphrase-file, --recipient or --plain.'],
    [['--plain', '--recipient', 'age1x'], 'Give only one of --passphrase-file, --recipient and --plain.'],
    [['--passphrase-file', '/no/such/file'], '/no/such/file cannot be read'],
    [['--passphrase-file', '/dev/null'], 'The first line of /dev/null is empty'],
    [['--recipient', 'age1x'], 'age1x is no recipient of age'],
  ])('%j writes nothing and says why', async (args, why) => {
    const {exitCode, stderr} = await backup(...args)
    expect(stderr.replace(/\s+›\s+/g, ' ')).toContain(why)
    expect(exitCode).not.toBe(0)
    expect(await readdir(directory)).toEqual([])
  })

  it('writes over nothing', async () => {
    await writeFile(file, 'mine')
    expect((await backup('--plain')).stderr).toContain('exists already')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  it('that breaks off leaves no file', async () => {
    const {engine} = platform
    const {images} = engine
    Object.assign(engine, {images: () => Promise.reject(new Error('Docker hiccups'))})
    const {exitCode, stderr} = await backup('--plain')
    Object.assign(engine, {images})
    expect(stderr).toContain('The backup broke off')
    expect(exitCode).toBe(1)
    expect(existsSync(file)).toBe(false)
    expect(platform.errors.splice(0).join('')).toContain('Docker hiccups')
  })
})
