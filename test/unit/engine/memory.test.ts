import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {type ContainerSpec, EngineError, type EngineEvent} from '../../../src/lib/engine/engine.js'
import {memoryEngine} from '../../../src/lib/engine/memory/memory-engine.js'
import type {Time} from '../../../src/lib/engine/memory/time.js'
import {collector, engineContract} from '../../contract/engine.js'
import {fastClock} from '../../support/fast-clock.js'
import {tarOf} from '../../support/tar-of.js'

const time = fastClock(10)

engineContract('memory', async () => ({
  engine: memoryEngine({
    time,
    async build({context}, {files, signal}) {
      files.set('/note', 'from the context').set('/tree/in/note', 'from the context')
      if (context.includes('sleep 120')) await sleep(120_000, undefined, {signal}).catch(() => undefined)
    },
  }),
  run: 'contract',
  image: 'debian:13-slim',
  time,
  listen: port => `listen ${port}`,
  reach: (address, port) => `reach ${address} ${port}`,
}))

const spec = (name: string, command: string): ContainerSpec => ({
  name,
  image: 'debian:13-slim',
  command: ['bash', '-c', command],
  env: {PORT: '5000'},
  labels: {test: 'memory'},
  networking: 'none',
  restart: 'never',
  keepOutput: 'copy',
})

describe('the memory engine', () => {
  it('takes an unknown command for a server that listens on $PORT', async () => {
    const engine = memoryEngine()
    const started = await engine.start(spec('web.1', 'node server.js'))
    expect(await engine.listening(started, 5000)).toBe(true)
    await engine.stop(started.id, {graceSeconds: 30})
    expect(await engine.wait(started.id)).toBe(143)
    expect(await engine.listening(started, 5000)).toBe(false)
  })

  it('does not take an unknown command for a server where it is executed inside', async () => {
    const engine = memoryEngine()
    const {id} = await engine.start(spec('web.1', 'node server.js'))
    const result = await engine.exec(id, ['bash', '-c', 'node -v'])
    expect(result).toMatchObject({exitCode: 127, stderr: Buffer.from('sh: 1: node: not found\n')})
  })

  it('lets a test kill a container behind our back', async () => {
    const engine = memoryEngine()
    const stop = new AbortController()
    const heard: EngineEvent[] = []
    const listening = (async () => {
      for await (const event of engine.events({test: 'memory'}, stop.signal)) if (heard.push(event) === 5) break
    })()
    const first = await engine.start(spec('web.1', 'node server.js'))
    engine.crash('web.1', 9)
    expect(await engine.wait(first.id)).toBe(9)
    const second = await engine.start(spec('web.2', 'node server.js'))
    engine.runOutOfMemory('web.2')
    expect(await engine.wait(second.id)).toBe(137)
    await listening
    expect(heard.map(event => event.type)).toEqual(['start', 'die', 'start', 'oom', 'die'])
    expect((await engine.observe({test: 'memory'})).map(({outOfMemory}) => outOfMemory)).toEqual([undefined, true])
    await engine.vanish('web.1')
    expect(await engine.observe({test: 'memory'})).toHaveLength(1)
    stop.abort()
  })

  it('tells listeners to observe afresh when their events broke', async () => {
    const engine = memoryEngine()
    const events = engine.events({}, AbortSignal.timeout(5_000))[Symbol.asyncIterator]()
    engine.breakEvents()
    expect((await events.next()).value).toMatchObject({type: 'resync'})
  })

  it('passes time only as the clock does', async () => {
    const clock = heldClock()
    const engine = memoryEngine({time: clock})
    const {id} = await engine.start(spec('worker.1', 'sleep 3600; exit 4'))
    expect(await engine.observe({})).toMatchObject([{state: 'running'}])
    clock.advance(3_600_000)
    expect(await engine.wait(id)).toBe(4)
    expect(await engine.observe({})).toMatchObject([{startedAt: new Date(0), finishedAt: new Date(3_600_000)}])
  })

  it('runs a program given by the test', async () => {
    const engine = memoryEngine({
      async program(process) {
        process.print('stdout', `I am ${process.spec.name}\n`)
        process.trap('SIGTERM', () => 42)
        return process.forever()
      },
    })
    const output = collector()
    const {id} = await engine.start(spec('web.1', ''), output.take)
    await engine.stop(id, {graceSeconds: 1})
    await output.ended
    expect(output.text('stdout')).toBe('I am web.1\n')
    expect(await engine.wait(id)).toBe(42)
  })

  it('records builds, gives equal builds equal ids, and fails on demand', async () => {
    let failing = false
    const engine = memoryEngine({
      build() {
        if (failing) throw new EngineError('build_failed', 'npm ci failed', {exitCode: 7})
      },
    })
    const request = (text: string) => ({context: tarOf({Dockerfile: text}), tags: ['demo:v1'], onProgress: () => undefined})
    const first = await engine.build({...request('FROM x'), secrets: {token: Buffer.from('s')}})
    const second = await engine.build(request('FROM x'))
    const third = await engine.build(request('FROM y'))
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect((await engine.image('demo:v1'))?.id).toBe(third)
    expect(engine.builds[0]).toMatchObject({dockerfile: 'Dockerfile', tags: ['demo:v1'], secrets: {token: Buffer.from('s')}})
    failing = true
    await expect(engine.build(request('FROM z'))).rejects.toMatchObject({code: 'build_failed', exitCode: 7})
  })

  it('answers nothing while it is down', async () => {
    const engine = memoryEngine()
    engine.goDown()
    await expect(engine.ping()).rejects.toMatchObject({code: 'unavailable'})
    await expect(engine.observe({})).rejects.toMatchObject({code: 'unavailable'})
    engine.comeUp()
    expect(await engine.observe({})).toEqual([])
  })
})

/** Time that stands still until it is advanced. */
function heldClock(): Time & {advance(ms: number): void} {
  let now = 0
  const sleepers: {until: number; wake: () => void}[] = []
  return {
    now: () => new Date(now),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({until: now + ms, wake: resolve})
        signal?.addEventListener('abort', () => reject(signal.reason), {once: true})
      }),
    advance(ms) {
      now += ms
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake()
    },
  }
}
