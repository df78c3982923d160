import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {getRequestListener} from '@hono/node-server'
import {Hono} from 'hono'
import {expect, test} from 'vitest'
import {logSessionRoutes} from '../../../../src/lib/runtime/server/routes/log-sessions.js'
import type {Api, ApiEnv} from '../../../../src/lib/runtime/server/services.js'
import {notFound, PlatformError} from '../../../../src/lib/schema/errors.js'
import type {LogSession} from '../../../../src/lib/schema/resources.js'
import {app, Bench, stamp} from './support.js'

const base = 'http://127.0.0.1:5599'
const events = {accept: 'text/event-stream'}

function apiOf(bench: Bench): Api {
  const api: Api = new Hono<ApiEnv>()
  api.onError((error, c) => (error instanceof PlatformError ? c.json(error.toJSON(), error.status as 404) : c.text(String(error), 500)))
  const resolveApp = (identity: string): {id: string} => {
    if (identity !== 'demo') throw notFound('app')
    return {id: app}
  }
  logSessionRoutes(api, {logplex: bench.logplex, resolveApp, baseUrl: () => base, clock: bench.clock})
  return api
}

async function ask(api: Api, parameters: Record<string, unknown>): Promise<string> {
  const response = await api.request('/apps/demo/log-sessions', {method: 'POST', body: JSON.stringify(parameters)})
  expect(response.status).toBe(201)
  return ((await response.json()) as LogSession).logplex_url.slice(base.length)
}

/** Reads until the text holds what is wanted, or the end. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: string): Promise<string> {
  const parts: string[] = []
  let end = ''
  while (!end.includes(wanted)) {
    const {value, done} = await reader.read()
    if (done) break
    parts.push(Buffer.from(value).toString())
    end = end.slice(-wanted.length) + parts.at(-1)
  }
  return parts.join('')
}

async function serve(api: Api): Promise<{origin: string; server: Server} & AsyncDisposable> {
  const server = createServer(getRequestListener(api.fetch))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return {server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close}
}

test('a log session answers with the URL of its stream', async () => {
  await using bench = await Bench.open()
  const response = await apiOf(bench).request('/apps/demo/log-sessions', {method: 'POST', body: '{"tail":true}'})
  const session = (await response.json()) as LogSession
  expect(session).toMatchObject({created_at: '2026-11-22T12:00:00Z', updated_at: '2026-11-22T12:00:00Z'})
  expect(session.id).toMatch(/^[0-9a-f-]{36}$/)
  expect(session.logplex_url).toMatch(/^http:\/\/127\.0\.0\.1:5599\/log-sessions\/[\w-]{32}\?tail=true$/)
})

test('an app that is not there and parameters that make no sense are refused', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  expect((await api.request('/apps/nope/log-sessions', {method: 'POST'})).status).toBe(404)
  const response = await api.request('/apps/demo/log-sessions', {method: 'POST', body: '{"lines":"many","tail":2}'})
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({id: 'invalid_params', message: expect.stringMatching(/lines: .*; tail: /) as string})
})

test('without tail the events are the history and then the end', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  bench.say('one ü')
  bench.say('two', 'worker.1')
  bench.say('50%\r100%')
  const url = await ask(api, {lines: 2, tail: false, source: null})
  const response = await api.request(url, {headers: events})
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const [, two, three] = await bench.history()
  expect(await response.text()).toBe(
    `id: ${two?.id}\ndata: ${stamp} app[worker.1]: two\n\nid: ${three?.id}\ndata: ${stamp} app[web.1]: 50%\ndata: 100%\n\n`,
  )
  expect((await api.request(url, {headers: events})).status).toBe(404)
})

test('a client that does not ask for events gets plain lines', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  bench.say('one')
  bench.say('other', 'web.2')
  const response = await api.request(await ask(api, {dyno_name: 'web.1'}))
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await response.text()).toBe(`${stamp} app[web.1]: one\n`)
})

test('a tail over a real connection shows live lines, and goes on after Last-Event-ID without repeating any', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  await using server = await serve(api)
  const url = server.origin + (await ask(api, {tail: true}))
  const broken = new AbortController()
  const first = await fetch(url, {headers: events, signal: broken.signal})
  const reader = (first.body as ReadableStream<Uint8Array>).getReader()
  bench.say('live')
  const seen = await readUntil(reader, 'live')
  broken.abort()
  bench.say('while away')
  const id = /id: (\d+)/.exec(seen)?.[1] as string
  const second = await fetch(url, {headers: {...events, 'last-event-id': id}})
  const again = (second.body as ReadableStream<Uint8Array>).getReader()
  const text = await readUntil(again, 'while away')
  expect(text).not.toContain('live')
  await again.cancel()
})

test('a session can be opened for five minutes after it was made or left, not later', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  const url = await ask(api, {tail: true})
  bench.clock.pass(299_000)
  const response = await api.request(url, {headers: events})
  bench.clock.pass(3_600_000)
  await response.body?.cancel()
  bench.clock.pass(299_000)
  const again = await api.request(url, {headers: events})
  expect(again.status).toBe(200)
  await again.body?.cancel()
  bench.clock.pass(301_000)
  expect((await api.request(url, {headers: events})).status).toBe(404)
  expect((await api.request('/log-sessions/guess')).status).toBe(404)
})

test('a quiet tail is kept open by comments', async () => {
  await using bench = await Bench.open()
  const api = apiOf(bench)
  const response = await api.request(await ask(api, {tail: true}), {headers: events})
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const comment = readUntil(reader, '\n\n')
  await new Promise(resolve => setImmediate(resolve))
  bench.clock.pass(15_000)
  expect(await comment).toBe(': still here\n\n')
  await reader.cancel()
})

test('a client that reads nothing holds back nobody, and is told what it lost', async () => {
  await using bench = await Bench.open({tailBytes: 200_000})
  const api = apiOf(bench)
  await using server = await serve(api)
  const url = server.origin + (await ask(api, {tail: true, lines: 1}))
  bench.say('first')
  const response = await fetch(url, {headers: events})
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await readUntil(reader, 'first')
  const writer = bench.logplex.output(app, 'web.1', 'c')
  const chunk = Buffer.from(`${'x'.repeat(99)}\n`.repeat(300))
  for (let round = 0; round < 300; round += 1) {
    writer.write('stdout', chunk)
    if (round % 20 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  let seen = 0
  let dropped = 0
  let half = ''
  while (seen + dropped < 90_000) {
    const lines = (half + Buffer.from((await reader.read()).value as Uint8Array)).split('\n')
    half = lines.pop() as string
    seen += lines.filter(line => line.endsWith('xxx')).length
    for (const line of lines) dropped += Number(/L11.*dropped (\d+) messages/.exec(line)?.[1] ?? 0)
  }
  expect(seen + dropped).toBe(90_000)
  expect(dropped).toBeGreaterThan(0)
  bench.say('the end')
  expect(await readUntil(reader, 'the end')).not.toContain('xxx')
  await reader.cancel()
}, 30_000)
