import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {followLogs, type LogFollower} from '../../../src/lib/cli/follow-logs.js'
import type {Platform} from '../../../src/lib/client/platform.js'
import {platformOver} from '../../../src/lib/client/platform.js'
import {socketTransport} from '../../../src/lib/client/transport.js'
import {homeAt} from '../../../src/lib/schema/home.js'
import type {RuntimeStatus} from '../../../src/lib/schema/runtime-status.js'

type Stream = (request: IncomingMessage, response: ServerResponse) => void

/** A runtime that serves log sessions only; each connection to the stream is answered by the next of `streams`. */
async function startRuntime(streams: Stream[]) {
  const path = join(tmpdir(), `hk-${randomUUID().slice(0, 8)}.sock`)
  const asked: unknown[] = []
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return streams.shift()?.(request, response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.writeHead(201, {'content-type': 'application/json'})
    response.end(JSON.stringify({logplex_url: `http://127.0.0.1:1/log-sessions/${asked.length}`}))
  })
  await once(server.listen(path), 'listening')
  const platform = platformOver(socketTransport(path), {} as RuntimeStatus, homeAt(tmpdir()))
  const dispose = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return {platform, asked, [Symbol.asyncDispose]: dispose}
}

function events(response: ServerResponse, lines: [id: number, text: string][]): void {
  response.writeHead(200, {'content-type': 'text/event-stream'})
  response.write(lines.map(([id, text]) => `id: ${id}\ndata: ${text}\n\n`).join(''))
}

function follower(platform: Platform, more: Partial<LogFollower>): {follow: LogFollower; printed: string[]; stop: AbortController} {
  const printed: string[] = []
  const stop = new AbortController()
  const print = async (lines: string[]): Promise<void> => void printed.push(...lines)
  const follow = {
    platform,
    app: 'demo',
    request: {lines: 100, tail: true},
    signal: stop.signal,
    print,
    reconnect: async () => platform,
    ...more,
  }
  return {follow, printed, stop}
}

test('a tail goes on after the last line it printed when the runtime comes back', async () => {
  const resumed: unknown[] = []
  await using runtime = await startRuntime([
    (_request, response) => {
      events(response, [
        [1, 'one'],
        [2, 'two'],
      ])
      setTimeout(() => response.destroy(), 20)
    },
    (request, response) => {
      resumed.push(request.headers['last-event-id'])
      events(response, [[3, 'three']])
    },
  ])
  let reconnected = 0
  const {follow, printed, stop} = follower(runtime.platform, {})
  follow.reconnect = async () => {
    reconnected += 1
    return runtime.platform
  }
  const done = followLogs(follow)
  await expect.poll(() => printed, {timeout: 10_000}).toEqual(['one', 'two', 'three'])
  stop.abort()
  await done
  expect(resumed).toEqual(['2'])
  expect(reconnected).toBe(1)
  expect(runtime.asked).toEqual([
    {lines: 100, tail: true},
    {lines: 100, tail: true},
  ])
})

test('a tail whose stream ends is opened again, without a tail the end is the end', async () => {
  const ends: Stream = (_request, response) => {
    events(response, [[1, 'one']])
    response.end()
  }
  await using runtime = await startRuntime([ends, ends, (_request, response) => events(response, [])])
  const once = follower(runtime.platform, {request: {lines: 1}})
  await followLogs(once.follow)
  expect(once.printed).toEqual(['one'])
  const tail = follower(runtime.platform, {})
  const done = followLogs(tail.follow)
  await expect.poll(() => runtime.asked.length, {timeout: 10_000}).toBe(3)
  tail.stop.abort()
  await done
  expect(tail.printed).toEqual(['one'])
})

test('an app that is gone ends a tail with the error', async () => {
  await using runtime = await startRuntime([
    (_request, response) => {
      response.writeHead(404, {'content-type': 'application/json'})
      response.end(JSON.stringify({id: 'not_found', message: "Couldn't find that app."}))
    },
  ])
  await expect(followLogs(follower(runtime.platform, {}).follow)).rejects.toMatchObject({id: 'not_found'})
})

test('nobody reconnects once nobody wants the log', async () => {
  await using runtime = await startRuntime([(_request, response) => events(response, [[1, 'one']])])
  const {follow, printed, stop} = follower(runtime.platform, {reconnect: () => Promise.reject(new Error('reconnected'))})
  const done = followLogs(follow)
  await expect.poll(() => printed, {timeout: 10_000}).toEqual(['one'])
  stop.abort()
  await done
  expect(runtime.asked).toHaveLength(1)
})
