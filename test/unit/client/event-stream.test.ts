import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {readEvents, type StreamEvent} from '../../../src/lib/client/event-stream.js'

async function read(chunks: (string | Buffer)[], type = 'text/event-stream; charset=utf-8'): Promise<StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const batch of readEvents(Readable.from(chunks.map(chunk => Buffer.from(chunk as string))), type)) events.push(...batch)
  return events
}

test('each event has its id and its data', async () => {
  expect(await read(['id: 1\ndata: one\n\nid: 2\ndata: two\n\n'])).toEqual([
    {id: '1', data: 'one'},
    {id: '2', data: 'two'},
  ])
})

test('an event split anywhere, also inside a character, arrives whole', async () => {
  const bytes = Buffer.from('id: 7\ndata: größe ✓\n\n')
  for (let at = 1; at < bytes.length; at += 1)
    expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([{id: '7', data: 'größe ✓'}])
})

test('an event stream may end its lines with CRLF', async () => {
  expect(await read(['id: 1\r\ndata: one\r\n\r\n'])).toEqual([{id: '1', data: 'one'}])
})

test('several data lines are one event, comments and unknown fields none', async () => {
  expect(await read([': hello\n\nevent: x\ndata: a\ndata: b\n\n'])).toEqual([{id: undefined, data: 'a\nb'}])
})

test('leading spaces of a line survive but for the one after the colon', async () => {
  expect(await read(['data:   x: y\n\ndata:\n\n'])).toEqual([
    {id: undefined, data: '  x: y'},
    {id: undefined, data: ''},
  ])
})

test('an event cut off by the end of the connection is not shown, it comes again after reconnecting', async () => {
  expect(await read(['id: 1\ndata: one\n\nid: 2\ndata: tw'])).toEqual([{id: '1', data: 'one'}])
})

test('a plain text gives its lines as they are without ids, the last one too', async () => {
  expect(await read(['a\r\nb', 'c\n', 'd'], 'text/plain')).toEqual(['a\r', 'bc', 'd'].map(data => ({id: undefined, data})))
})
