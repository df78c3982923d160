import {randomUUID} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {createAdaptorServer} from '@hono/node-server'
import {Hono} from 'hono'
import type {ContainerSpec, Engine, OutputChunk} from '../src/lib/engine/engine.js'
import {createLogplex} from '../src/lib/runtime/logplex/create-logplex.js'
import type {Logplex} from '../src/lib/runtime/logplex/logplex.js'
import {logSessionRoutes} from '../src/lib/runtime/server/routes/log-sessions.js'
import type {ApiEnv} from '../src/lib/runtime/server/services.js'
import {openStore} from '../src/lib/runtime/store/store.js'
import {systemClock} from '../src/lib/runtime/support/clock.js'
import {silentLog} from '../src/lib/runtime/support/runtime-log.js'
import type {BenchRow} from './row.js'

export interface LogBench {
  /** An image with bash and seq. */
  image?: string
  /** Containers that write at the same time. */
  dynos?: number
  linesPerDyno?: number
}

const runLabel = 'hokku.bench'

/** Lines per second from N containers to a reader: of `attach` alone and of a logplex tail; of a client to which `attach` is piped as it is and of a client of the log session. None may be lost. */
export async function logRows(
  engine: Engine,
  {image = 'debian:13-slim', dynos = 2, linesPerDyno = 600_000}: LogBench = {},
): Promise<BenchRow[]> {
  const run = randomUUID()
  const total = dynos * linesPerDyno
  const write = (reader: Reader): Promise<number> => rate(engine, specs(run, image, dynos, linesPerDyno), total, reader)
  try {
    const best = {bare: 0, tail: 0, piped: 0, session: 0}
    for (let round = 0; round < 2; round += 1) {
      best.bare = Math.max(best.bare, await write(bareReader))
      best.piped = Math.max(best.piped, await write(pipedReader))
      best.tail = Math.max(best.tail, await withLogplex(logplex => write(tailReader(logplex))))
      best.session = Math.max(best.session, await withLogplex(logplex => write(sessionReader(logplex))))
    }
    return [
      row(`log lines from ${dynos} dynos to a tail`, best.tail, best.bare),
      row(`log lines from ${dynos} dynos to an HTTP log session (floor: attach piped to HTTP)`, best.session, best.piped),
    ]
  } finally {
    await engine.removeAll({[runLabel]: run})
  }
}

/** Gets each container's output, and calls `onLines` with how many lines have reached it. */
type Reader = (
  onLines: (count: number) => void,
) => Promise<{output: (dyno: string) => (chunk: OutputChunk | undefined) => void; stop: () => void}>

const bareReader: Reader = async onLines => ({
  output: () => chunk => onLines(chunk === undefined ? 0 : newlines(chunk.data)),
  stop: () => undefined,
})

function tailReader(logplex: Logplex): Reader {
  return async onLines => {
    const stopped = new AbortController()
    const read = async (): Promise<void> => {
      for await (const lines of logplex.read('bench', {lines: 0, tail: true}, stopped.signal)) onLines(lines.length)
    }
    void read()
    return {output: dyno => into(logplex, dyno), stop: () => stopped.abort()}
  }
}

function sessionReader(logplex: Logplex): Reader {
  return async onLines => {
    const api = new Hono<ApiEnv>()
    logSessionRoutes(api, {logplex, resolveApp: () => ({id: 'bench'}), baseUrl: () => '', clock: systemClock})
    const server = createAdaptorServer({fetch: api.fetch}) as Server
    const session = await api.request('/apps/bench/log-sessions', {method: 'POST', body: '{"tail":true,"lines":0}'})
    const {logplex_url: path} = (await session.json()) as {logplex_url: string}
    const stop = await client(server, path, '\n\n', onLines)
    return {output: dyno => into(logplex, dyno), stop}
  }
}

const pipedReader: Reader = async onLines => {
  let response: ServerResponse | undefined
  const server = createServer((_request, answer) => {
    response = answer
    answer.flushHeaders()
  })
  const stop = await client(server, '/', '\n', onLines)
  return {output: () => chunk => void (chunk && response?.write(chunk.data)), stop}
}

/** Connects a client, in a thread of its own, as a real one is, and counts what it gets: each line or event ends with `end`. Returns how to stop. */
async function client(server: Server, path: string, end: string, onLines: (count: number) => void): Promise<() => void> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const worker = new Worker(clientCode, {eval: true, workerData: {url: `http://127.0.0.1:${port}${path}`, end}})
  await new Promise(resolve => worker.once('message', resolve))
  worker.on('message', onLines)
  return () => {
    void worker.terminate()
    server.close()
  }
}

/** Says 0 when it is connected. */
const clientCode = `
  const {parentPort, workerData: {url, end}} = require('node:worker_threads')
  let before = 0
  require('node:http').get(url, {headers: {accept: 'text/event-stream'}}, response => {
    parentPort.postMessage(0)
    response.on('data', data => {
      let count = end.length === 2 && before === 10 && data[0] === 10 ? 1 : 0
      for (let at = data.indexOf(end); at !== -1; at = data.indexOf(end, at + end.length)) count += 1
      before = data.at(-1)
      parentPort.postMessage(count)
    })
  })`

function into(logplex: Logplex, dyno: string): (chunk: OutputChunk | undefined) => void {
  const writer = logplex.output('bench', dyno, `bench-${dyno}`)
  return chunk => (chunk === undefined ? writer.end() : writer.write(chunk.stream, chunk.data))
}

/** Lines per second from the first line that arrives to the last. Throws when lines are missing after a minute. */
async function rate(engine: Engine, containers: ContainerSpec[], total: number, reader: Reader): Promise<number> {
  let arrived = 0
  let first = 0
  let done: (at: number) => void
  const last = new Promise<number>(resolve => {
    done = resolve
  })
  const {output, stop} = await reader(count => {
    if (arrived === 0 && count > 0) first = performance.now()
    arrived += count
    if (arrived >= total) done(performance.now())
  })
  const started = await Promise.all(containers.map(spec => engine.start(spec, output(spec.name))))
  const expired = new AbortController()
  const late = systemClock.sleep(60_000, expired.signal).then(
    () => undefined,
    () => undefined,
  )
  const end = await Promise.race([last, late])
  expired.abort()
  stop()
  await Promise.all(started.map(({id}) => engine.remove(id)))
  if (end === undefined || arrived !== total) throw new Error(`${arrived} lines of ${total} arrived`)
  return Math.round((total * 1000) / (end - first))
}

/** They wait two seconds, so that all write at the same time. */
function specs(run: string, image: string, dynos: number, lines: number): ContainerSpec[] {
  const command = [
    'bash',
    '-c',
    `sleep 2; exec seq -f 'GET /articles/%.0f status=200 bytes=5120 connect=0ms service=12ms protocol=https' ${lines}`,
  ]
  return Array.from({length: dynos}, (_, index) => ({
    name: `hokku-bench-${run.slice(0, 8)}-${index + 1}`,
    image,
    command,
    env: {},
    labels: {[runLabel]: run},
    networking: 'none',
    restart: 'never',
    keepOutput: 'copy',
  }))
}

async function withLogplex<T>(work: (logplex: Logplex) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'hokku-bench-'))
  const store = await openStore(':memory:')
  const logplex = createLogplex({directory, store, clock: systemClock, log: silentLog, limits: {tailBytes: 256 * 1024 * 1024}})
  try {
    await logplex.start()
    return await work(logplex)
  } finally {
    await logplex.close()
    store.close()
    rmSync(directory, {recursive: true, force: true})
  }
}

function newlines(data: Buffer): number {
  let count = 0
  for (let at = data.indexOf(10); at !== -1; at = data.indexOf(10, at + 1)) count += 1
  return count
}

function row(what: string, value: number, floor: number): BenchRow {
  const ratio = value / floor
  return {what, value, floor, unit: 'lines/s', ratio, limit: 'at least 0.5x', ok: ratio >= 0.5}
}
