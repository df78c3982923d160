import {execFile, execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import {promisify} from 'node:util'
import {extract, pack} from 'tar-stream'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {unpackBackup} from '../../../../src/lib/client/unpack-backup.js'
import {readSetting} from '../../../../src/lib/runtime/store/store.js'
import {engineNames} from '../../../../src/lib/runtime/support/names.js'
import {homeAt} from '../../../../src/lib/schema/home.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {eventually} from '../../../support/eventually.js'
import {fastClock} from '../../../support/fast-clock.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'
import {tarOf} from '../../../support/tar-of.js'

const files = {Procfile: 'web: serve\n', 'package.json': '{}'}

/** A platform with an app that has everything, and its backup. */
async function furnished() {
  const platform = await startTestPlatform()
  await platform.run('create demo')
  await platform.run('config:set SECRET=of-demo --app demo')
  await platform.deploy('demo', files)
  await platform.run('ps:scale web=2 --app demo')
  const {id} = (await platform.api<{id: string}>('POST', '/apps/demo/addons', {plan: 'heroku-redis'})) as {id: string}
  await eventually(async () => expect(await platform.api('GET', `/apps/demo/addons/${id}`)).toMatchObject({state: 'provisioned'}))
  const repository = await platform.runtime.services.repositories.ensure((await platform.api<{id: string}>('GET', '/apps/demo')).id)
  const git = (...args: string[]): string => execFileSync('git', ['-C', repository, ...args], {encoding: 'utf8'}).trim()
  const commit = git(
    '-c',
    'user.name=d',
    '-c',
    'user.email=d@e.c',
    'commit-tree',
    '-m',
    'x',
    git('hash-object', '-wt', 'tree', '/dev/null'),
  )
  git('update-ref', 'refs/heads/main', commit)
  await platform.engine.fillVolume(volumeOf(platform, id), 'debian:13-slim', tarOf({'volume/data/note': 'rows'}))
  return {platform, addon: id, commit, tar: await backupOf(platform)}
}

function volumeOf(platform: TestPlatform, addonId: string): string {
  return engineNames(readSetting(platform.runtime.store, 'home.id') as string).addonVolume(addonId)
}

function backupOf({runtime}: TestPlatform): Promise<Buffer> {
  return buffer(runtime.services.writeBackup({images: 'all'}))
}

/** A new home, and where it is. */
async function unpacked(tar: Buffer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hk-'))
  await unpackBackup(Readable.from([tar]), directory)
  return directory
}

async function noteOf(platform: TestPlatform, addonId: string): Promise<string | undefined> {
  const tar = await platform.engine.volumeTree(volumeOf(platform, addonId), 'debian:13-slim', buffer)
  if (tar === undefined) return undefined
  for await (const entry of Readable.from([tar]).pipe(extract())) return (await buffer(entry)).toString()
  return ''
}

describe('a backup of the platform', () => {
  let made: Awaited<ReturnType<typeof furnished>>
  beforeAll(async () => {
    made = await furnished()
  })
  afterAll(() => made.platform[Symbol.asyncDispose]())

  it('makes the same platform with another engine', async () => {
    const directory = await unpacked(made.tar)
    expect(execFileSync('git', ['-C', join(directory, 'git', 'demo.git'), 'cat-file', '-t', 'main'], {encoding: 'utf8'})).toBe('commit\n')
    await using moved = await startTestPlatform({directory})
    await moved.dynos('demo', {'web.1': 'up', 'web.2': 'up'})
    const config = await moved.api<Record<string, string>>('GET', '/apps/demo/config-vars')
    expect(config).toEqual(await made.platform.api('GET', '/apps/demo/config-vars'))
    expect(config['SECRET']).toBe('of-demo')
    expect(await moved.api('GET', '/apps/demo/releases')).toEqual(await made.platform.api('GET', '/apps/demo/releases'))
    expect(await noteOf(moved, made.addon)).toBe('rows')
    expect(await moved.api('GET', '/runtime/restore')).toEqual({pending: false, problem: null, restored: [expect.any(String)], kept: []})
    expect(existsSync(moved.home.restore)).toBe(false)
    expect((await moved.run('logs --app demo')).stdout).toContain('Scaled to web@2')
    expect(moved.errors).toEqual([])
  })

  it('leaves nothing behind, and the server of no add-on frozen', async () => {
    expect((await readdir(made.platform.home.root)).filter(name => name.startsWith('backup-'))).toEqual([])
    expect((await made.platform.engine.observe({})).map(one => one.state)).not.toContain('paused')
  })

  it('breaks off with an error when data cannot be read, and thaws the server', async () => {
    const {engine, runtime, errors} = made.platform
    const broken = addonEngine()
    const {volumeTree} = engine
    Object.assign(engine, {volumeTree: () => broken.imageTree('nothing:none', '/', async () => undefined)})
    await expect(backupOf({...made.platform, runtime})).rejects.toThrow('There is no image nothing:none')
    Object.assign(engine, {volumeTree})
    expect(errors.splice(0).join('')).toContain('broke off')
    expect((await engine.observe({})).map(one => one.state)).not.toContain('paused')
  })

  it('does not write over data that the engine has', async () => {
    const directory = await unpacked(made.tar)
    const engine = addonEngine()
    const volume = volumeOf(made.platform, made.addon)
    await engine.ensureVolume(volume, {})
    await engine.fillVolume(volume, 'debian:13-slim', tarOf({'volume/data/note': 'newer'}))
    await using moved = await startTestPlatform({directory, engine})
    await eventually(async () => expect(await moved.api('GET', '/runtime/restore')).toMatchObject({pending: false, restored: []}))
    expect((await moved.api<{kept: string[]}>('GET', '/runtime/restore')).kept).toHaveLength(1)
    expect(await noteOf(moved, made.addon)).toBe('newer')
  })

  it('is given to the engine in the end when that fails at first, and no server starts before', async () => {
    const directory = await unpacked(made.tar)
    const engine = addonEngine()
    const {fillVolume} = engine
    const started: string[] = []
    const {start} = engine
    Object.assign(engine, {
      fillVolume: () => Promise.reject(new Error('the disk is full')),
      start: (...args: Parameters<typeof start>) => {
        started.push(args[0].name)
        return start(...args)
      },
    })
    await using moved = await startTestPlatform({directory, engine, clock: fastClock(20)})
    expect(await moved.api('GET', '/runtime/restore')).toMatchObject({pending: true, problem: 'the disk is full'})
    expect(started).toEqual([])
    Object.assign(engine, {fillVolume})
    await moved.dynos('demo', {'web.1': 'up', 'web.2': 'up'})
    expect(await noteOf(moved, made.addon)).toBe('rows')
    moved.errors.splice(0)
  })

  it('that is cut anywhere is not restored', async () => {
    const ends = [0.1, 0.5, 0.9].map(part => Math.floor((made.tar.length * part) / 512) * 512)
    // Whole entries, and the tar's own end, but not the last entry.
    const entries: number[] = [made.tar.length - 2048]
    for (const end of [...ends, ...ends.map(at => at + 100), ...entries]) {
      const directory = await mkdtemp(join(tmpdir(), 'hk-'))
      await expect(unpackBackup(Readable.from([made.tar.subarray(0, end)]), directory), `${end}`).rejects.toThrow('cannot be restored')
      await rm(directory, {recursive: true})
    }
  })

  it.each([
    ['leads out of the home', {'home/../../evil': 'x'}],
    ['is absolute', {'home//etc/evil': 'x'}],
    ['is nothing we know', {evil: 'x'}],
    ['is a volume of no add-on', {'volumes/../../evil/volume/x': 'x'}],
  ])('with a file whose name %s is not restored', async (_, more) => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const manifest = JSON.stringify({format: 1})
    const tar = tarOf({'hokku-backup.json': manifest, ...more, 'hokku-backup-end.json': '{}'})
    await expect(unpackBackup(tar, directory)).rejects.toThrow(/cannot be restored, and nothing was changed: it has ".*evil/)
    await rm(directory, {recursive: true})
  })

  it('with a link that leads out of the home, of a later format, or that is another tar, is not restored', async () => {
    const link = pack()
    link.entry({name: 'hokku-backup.json'}, '{"format": 1}')
    link.entry({name: 'home/git/x', type: 'symlink', linkname: '../../../etc'})
    link.finalize()
    const later = tarOf({'hokku-backup.json': '{"format": 2, "version": "9.0.0"}'})
    for (const [tar, why] of [
      [link, 'home/git/x'],
      [later, 'hokku 9.0.0 wrote it in a later format'],
      [tarOf({'README.md': 'x'}), 'it is no backup'],
    ] as const) {
      const directory = await mkdtemp(join(tmpdir(), 'hk-'))
      await expect(unpackBackup(tar as Readable, directory)).rejects.toThrow(why)
      await rm(directory, {recursive: true})
    }
  })
})

describe('a repository', () => {
  it('is taken whole while git packs it', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo')
    const {id} = await platform.api<{id: string}>('GET', '/apps/demo')
    const repository = await platform.runtime.services.repositories.ensure(id)
    const git = (args: string[], input = ''): string => execFileSync('git', ['-C', repository, ...args], {encoding: 'utf8', input}).trim()
    const identity = ['-c', 'user.name=d', '-c', 'user.email=d@e.c']
    for (let round = 0; round < 2; round += 1) {
      for (let count = 0; count < 5; count += 1) {
        const blob = git(['hash-object', '-w', '--stdin'], `${round} ${count}`)
        const tree = git(['mktree'], `100644 blob ${blob}\tnote\n`)
        git(['update-ref', `refs/heads/b${round}-${count}`, git([...identity, 'commit-tree', '-m', 'x', tree])])
      }
      const packing = promisify(execFile)('git', ['-C', repository, 'gc', '--quiet', '--prune=now'])
      const tar = await backupOf(platform)
      await packing
      const directory = await unpacked(tar)
      execFileSync('git', ['-C', join(directory, 'git', `${id}.git`), 'fsck', '--strict', '--no-dangling'], {stdio: 'pipe'})
      const refs = execFileSync('git', ['-C', join(directory, 'git', `${id}.git`), 'for-each-ref'], {encoding: 'utf8'})
      expect(refs.trim().split('\n')).toHaveLength((round + 1) * 5)
      await rm(directory, {recursive: true})
    }
  })
})

it('what a home keeps is in a backup, and nothing that belongs to the machine', async () => {
  await using platform = await startTestPlatform()
  for (const name of ['runtime.log', 'something-new']) await writeFile(join(platform.home.root, name), 'x')
  const directory = await unpacked(await backupOf(platform))
  expect((await readdir(directory)).sort()).toEqual(
    ['builds', 'ca.pem', 'git', 'hokku.sqlite', 'key', 'logs', 'restore', 'something-new', 'token'].sort(),
  )
  expect(await readFile(homeAt(directory).key)).toEqual(await readFile(platform.home.key))
  await rm(directory, {recursive: true})
})
