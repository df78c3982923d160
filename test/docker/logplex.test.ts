import {randomUUID} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {ContainerSpec, OutputChunk} from '../../src/lib/engine/engine.js'
import {createLogplex} from '../../src/lib/runtime/logplex/create-logplex.js'
import {type CopiedLine, linesAfter} from '../../src/lib/runtime/logplex/cursor.js'
import type {Logplex, OutputWriter} from '../../src/lib/runtime/logplex/logplex.js'
import {openStore} from '../../src/lib/runtime/store/store.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'

const run = randomUUID()
const labels = {'hokku.test': run}
const engine = await connectDocker()
const directory = mkdtempSync(join(tmpdir(), 'hokku-logplex-'))
const store = await openStore(':memory:')

afterAll(async () => {
  await engine.removeAll(labels)
  await engine.close()
  store.close()
  rmSync(directory, {recursive: true, force: true})
})

async function open(): Promise<Logplex> {
  const logplex = createLogplex({directory, store, clock: systemClock, log: silentLog})
  await logplex.start()
  return logplex
}

function spec(name: string, command: string): ContainerSpec {
  return {
    name: `hokku-test-${run.slice(0, 8)}-${name}`,
    image: 'debian:13-slim',
    command: ['bash', '-c', command],
    env: {},
    labels,
    networking: 'none',
    restart: 'never',
    keepOutput: 'copy',
  }
}

function into(writer: OutputWriter, onEnd: () => void): (chunk: OutputChunk | undefined) => void {
  return chunk => {
    if (chunk !== undefined) return writer.write(chunk.stream, chunk.data)
    writer.end()
    onEnd()
  }
}

async function messages(logplex: Logplex, app: string, dyno: string): Promise<string[]> {
  const found: string[] = []
  for await (const lines of logplex.read(app, {lines: 0, tail: false, after: 0, dyno}, new AbortController().signal))
    found.push(...lines.map(({text}) => text.slice(text.indexOf(']: ') + 3)))
  return found
}

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await systemClock.sleep(100))
    if (Date.now() > end) throw new Error('not within a minute')
}

test('three dynos that print 100,000 lines each and exit lose none, neither on disk nor in a tail', async () => {
  const logplex = await open()
  const dynos = ['web.1', 'web.2', 'worker.1']
  const stopped = new AbortController()
  let tailed = 0
  const tail = (async () => {
    for await (const lines of logplex.read('burst', {lines: 0, tail: true}, stopped.signal)) tailed += lines.length
  })()
  const ends = dynos.map(
    dyno =>
      new Promise<void>((resolve, reject) => {
        const writer = logplex.output('burst', dyno, `burst-${dyno}`)
        engine.start(spec(`burst-${dyno}`, 'seq 1 100000; printf "no newline ü"'), into(writer, resolve)).catch(reject)
      }),
  )
  await Promise.all(ends)
  const expected = [...Array.from({length: 100_000}, (_, index) => String(index + 1)), 'no newline ü']
  for (const dyno of dynos) expect((await messages(logplex, 'burst', dyno)).join() === expected.join(), dyno).toBe(true)
  await eventually(() => tailed >= 300_003)
  stopped.abort()
  await tail
  expect(tailed).toBe(300_003)
  await logplex.close()
})

test('what a dyno said while nobody listened is found in the copy of the engine, once', async () => {
  const before = await open()
  const writer = before.output('gap', 'web.1', 'gap-1')
  let listening = true
  const {id} = await engine.start(spec('gap', 'for i in {1..400}; do echo "tick $((i / 3))"; sleep 0.02; done'), chunk => {
    if (listening && chunk !== undefined) writer.write(chunk.stream, chunk.data)
  })
  await eventually(async () => (await messages(before, 'gap', 'web.1')).length > 50)
  listening = false
  await before.flush()
  await engine.wait(id)
  const after = await open()
  const cursor = after.cursor('gap-1')
  const copy: CopiedLine[] = []
  for await (const line of engine.output(id, cursor?.at as Date)) copy.push(line)
  const unread = linesAfter(cursor, copy)
  expect(unread.length).toBeGreaterThan(0)
  const resumed = after.output('gap', 'web.1', 'gap-1')
  for (const {line, at} of unread) resumed.write('stdout', Buffer.concat([line, Buffer.from('\n')]), at)
  expect(await messages(after, 'gap', 'web.1')).toEqual(Array.from({length: 400}, (_, index) => `tick ${Math.floor((index + 1) / 3)}`))
  await Promise.all([before.close(), after.close()])
})
