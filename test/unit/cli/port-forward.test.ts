import {connect, createServer} from 'node:net'
import {text} from 'node:stream/consumers'
import {expect, test} from 'vitest'
import {forwardPort, parsePorts} from '../../../src/lib/cli/port-forward.js'

test('ports are given alone or as a pair, several with commas between', () => {
  expect(parsePorts('4000,9000:9001')).toEqual([
    {local: 4000, remote: 4000},
    {local: 9000, remote: 9001},
  ])
})

test.each(['', '0', '70000', '80:', ':80', 'web', '1:2:3', '4000,,'])('%j is no port', given => {
  expect(() => parsePorts(given)).toThrow(/is no port: expected PORT or LOCAL:REMOTE/)
})

/** A server that answers when its client has said all. */
async function upstream(): Promise<{port: number; close: () => void}> {
  const server = createServer({allowHalfOpen: true}, socket => {
    let heard = 0
    socket.on('data', chunk => {
      heard += chunk.length
    })
    socket.on('end', () => socket.end(`heard ${heard}`))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {port: (server.address() as {port: number}).port, close: () => server.close()}
}

test('a connection is joined with its own far end, and an end of one side reaches the other', async () => {
  const {port, close} = await upstream()
  const server = await forwardPort(
    0,
    async () => connect({port, host: '127.0.0.1', allowHalfOpen: true}),
    () => undefined,
  )
  const local = (server.address() as {port: number; address: string}).port
  expect(server.address()).toMatchObject({address: '127.0.0.1'})
  const answers = await Promise.all(
    [1, 500_000].map(async length => {
      const client = connect({port: local, host: '127.0.0.1', allowHalfOpen: true})
      client.end('x'.repeat(length))
      return await text(client)
    }),
  )
  expect(answers).toEqual(['heard 1', 'heard 500000'])
  server.close()
  close()
})

test('a connection that cannot be made is closed and told of, and the next one is tried', async () => {
  const failures: string[] = []
  const server = await forwardPort(
    0,
    () => Promise.reject(new Error('no such dyno')),
    error => void failures.push(error.message),
  )
  for (let time = 0; time < 2; time += 1)
    expect(await text(connect((server.address() as {port: number}).port, '127.0.0.1')).catch(() => '')).toBe('')
  expect(failures).toEqual(['no such dyno', 'no such dyno'])
  server.close()
})

test('a port that another program has is an error', async () => {
  const {port, close} = await upstream()
  await expect(
    forwardPort(
      port,
      () => Promise.reject(new Error()),
      () => undefined,
    ),
  ).rejects.toThrow(`Port ${port} of this machine cannot be used: another program has it.`)
  close()
})
