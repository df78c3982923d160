import {spawn} from 'node:child_process'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Duplex, PassThrough, type Writable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'
import {channelScript, channelVariable, serveHook} from '../../../../src/lib/runtime/git/hook-channel.js'
import type {Push} from '../../../../src/lib/runtime/git/push.js'

const refs = `${'0'.repeat(40)} ${'a'.repeat(40)} refs/heads/main\n`
const quarantine = {
  GIT_OBJECT_DIRECTORY: '/r/./objects/incoming-1',
  GIT_ALTERNATE_OBJECT_DIRECTORIES: '/r/./objects',
  GIT_QUARANTINE_PATH: '/r/q',
}

/** The hook as git runs it, and the runtime's ends of its two descriptors. */
function hook(script = channelScript) {
  const env = {PATH: process.env['PATH'], [channelVariable]: '3', ...quarantine}
  const child = spawn('sh', ['-c', `${script}echo not by the channel`], {
    cwd: tmpdir(),
    env,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
  })
  // One that ends at once reads nothing.
  child.stdin!.on('error', () => undefined).end(refs)
  const [channel, verdict] = child.stdio.slice(3) as unknown as [Duplex, Writable]
  return {child, channel, verdict, said: text(child.stdout!), code: new Promise(resolve => child.on('close', resolve))}
}

describe('the hook of a push over HTTP', () => {
  it.each([true, false])('tells what git told it, prints what it is told while it comes, and ends as it is told: %s', async agreed => {
    const {child, channel, verdict, said, code} = hook()
    const told: Push[] = []
    await serveHook(channel, verdict, async (push, output) => {
      told.push(push)
      output.write('-----> Building\n')
      // Goes on only when the pusher has seen it.
      await new Promise(resolve => child.stdout!.once('data', resolve))
      output.write(' ü'.repeat(100_000))
      return agreed
    })
    expect(await code).toBe(agreed ? 0 : 1)
    expect(await said).toBe(`-----> Building\n${' ü'.repeat(100_000)}`)
    expect(told).toEqual([{repository: expect.stringContaining(join(tmpdir())), environment: {GIT_DIR: '.', ...quarantine}, refs}])
  })

  it('rejects the push when the runtime fails over it', async () => {
    const {channel, verdict, code} = hook()
    await serveHook(channel, verdict, () => Promise.reject(new Error('broken')))
    expect(await code).toBe(1)
  })

  it('rejects the push and says why when the runtime ends meanwhile', async () => {
    const {channel, verdict, said, code} = hook()
    void serveHook(channel, verdict, async (_, output) => {
      await new Promise(resolve => output.write('-----> Building\n', resolve))
      // What the kernel does with the descriptors of a process that was killed.
      for (const end of [channel, verdict]) end.destroy()
      return await new Promise<boolean>(() => undefined)
    })
    expect(await code).toBe(1)
    expect(await said).toMatch(/ ! {5}The hokku runtime ended before the build did. Push again.\n$/)
  })

  it('is not waited for when git ends without it', async () => {
    const {channel, verdict, code} = hook('exit 7\n')
    const taken: Push[] = []
    await serveHook(channel, verdict, async push => taken.push(push) > 0)
    expect(await code).toBe(7)
    expect(taken).toEqual([])
  })

  it('answers one that has broken the channel off', async () => {
    const channel = new PassThrough()
    const served = serveHook(channel, new PassThrough(), async () => true)
    channel.write('/repository\0')
    channel.destroy()
    await served
  })
})
