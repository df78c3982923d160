import {randomBytes} from 'node:crypto'
import {mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {openStore} from '../../../../src/lib/runtime/store/store.js'
import {Outputs} from '../../../../src/lib/runtime/support/outputs.js'
import {Queues} from '../../../../src/lib/runtime/support/queues.js'
import {loadSeal, Seal} from '../../../../src/lib/runtime/support/seal.js'

describe('queues', () => {
  it('keep the order under one key and let other keys pass', async () => {
    const queues = new Queues()
    const seen: string[] = []
    let release = (): void => undefined
    const blocked = new Promise<void>(resolve => {
      release = resolve
    })
    const first = queues.run('a', async () => {
      await blocked
      seen.push('a1')
    })
    const second = queues.run('a', () => seen.push('a2'))
    await queues.run('b', () => seen.push('b1'))
    release()
    await Promise.all([first, second])
    expect(seen).toEqual(['b1', 'a1', 'a2'])
  })

  it('go on after work that failed', async () => {
    const queues = new Queues()
    const failed = queues.run('a', () => Promise.reject(new Error('no')))
    await expect(failed).rejects.toThrow('no')
    await expect(queues.run('a', () => 7)).resolves.toBe(7)
  })
})

describe('a seal', () => {
  it('opens what it sealed and nothing else', () => {
    const seal = new Seal(randomBytes(32))
    const sealed = seal.seal('grüße $`"\n')
    expect(sealed).not.toContain('grüße')
    expect(seal.open(sealed)).toBe('grüße $`"\n')
    expect(() => new Seal(randomBytes(32)).open(sealed)).toThrow('the key file is not the one it was sealed with')
    expect(() => seal.open(`${sealed.slice(0, -3)}AAA`)).toThrow()
  })

  it('keeps its key in a file for the owner only, and finds it again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const store = await openStore(':memory:')
    const sealed = loadSeal(join(directory, 'key'), store).seal('x')
    expect((await stat(join(directory, 'key'))).mode & 0o777).toBe(0o600)
    expect(loadSeal(join(directory, 'key'), store).open(sealed)).toBe('x')
    await rm(directory, {recursive: true})
  })

  it('makes no new key where one was lost or another one lies', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const path = join(directory, 'key')
    const store = await openStore(':memory:')
    loadSeal(path, store)
    await rm(path)
    expect(() => loadSeal(path, store)).toThrow(`The key file ${path} is missing`)
    await expect(stat(path)).rejects.toThrow('ENOENT')
    await writeFile(path, randomBytes(32))
    expect(() => loadSeal(path, store)).toThrow("is not the key that this home's secrets were sealed with")
    await writeFile(path, 'short')
    expect(() => loadSeal(path, store)).toThrow('is not a key file of hokku')
    await rm(directory, {recursive: true})
  })
})

describe('outputs', () => {
  it('give a follower everything from the beginning, live, and end with the writer', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const outputs = new Outputs(directory)
    const writer = await outputs.start('one')
    writer.write('before\n')
    const read = (async () => {
      let text = ''
      for await (const chunk of outputs.read('one', new AbortController().signal)) text += chunk
      return text
    })()
    await sleep(5)
    for (let line = 0; line < 500; line += 1) writer.write(`line ${line}\n`)
    await sleep(5)
    writer.write('after\n')
    await writer.end()
    const lines = (await read).split('\n')
    expect([lines[0], lines.length, lines.at(-2)]).toEqual(['before', 503, 'after'])
    await rm(directory, {recursive: true})
  })

  it('of an unknown id are empty', async () => {
    for await (const _ of new Outputs('/nonexistent').read('x', new AbortController().signal)) throw new Error('must not yield')
  })
})
