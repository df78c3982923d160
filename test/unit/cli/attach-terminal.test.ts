import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {createServer, connect as openSocket, type Server, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough, Writable} from 'node:stream'
import {expect, test} from 'vitest'
import {attachTerminal, terminalSize, wantsTty} from '../../../src/lib/cli/attach-terminal.js'
import type {DynoSession, TerminalSize} from '../../../src/lib/client/dynos.js'

/** A dyno's far end over a real socket, as the runtime holds it. */
async function dyno(exitCode: () => Promise<number> = async () => 0) {
  const path = join(tmpdir(), `hk-${randomUUID().slice(0, 8)}.sock`)
  const server: Server = createServer({allowHalfOpen: true}).listen(path)
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const stream = openSocket(path)
  const [far] = await accepted
  far.on('error', () => undefined)
  const sizes: TerminalSize[] = []
  const session: DynoSession = {stream, resize: async size => void sizes.push(size), exitCode}
  const dispose = (): void => {
    far.destroy()
    server.close()
  }
  return {session, far, sizes, [Symbol.dispose]: dispose}
}

function terminal(options: {tty?: boolean; stdout?: Writable} = {}) {
  const raw: boolean[] = []
  const stdin = Object.assign(new PassThrough(), {isTTY: options.tty ?? false, setRawMode: (on: boolean) => raw.push(on)})
  const printed: Buffer[] = []
  const collect = new Writable({
    write(chunk, _encoding, done) {
      printed.push(chunk)
      done()
    },
  })
  const stdout = Object.assign(options.stdout ?? collect, {isTTY: options.tty ?? false, columns: 80, rows: 24})
  return {local: {stdin, stdout}, stdin, stdout, raw, printed: () => Buffer.concat(printed).toString()}
}

test('the output of the dyno is printed and its exit code is ours', async () => {
  using run = await dyno(async () => 7)
  const {local, printed} = terminal()
  const code = attachTerminal(run.session, local, {tty: false})
  run.far.end('héllo\n')
  expect(await code).toBe(7)
  expect(printed()).toBe('héllo\n')
})

test('the end of piped stdin is the end of the stdin of the dyno, which may still answer', async () => {
  using run = await dyno()
  const {local, stdin, printed} = terminal()
  const code = attachTerminal(run.session, local, {tty: false})
  stdin.end('one\ntwo\n')
  const read: Buffer[] = []
  run.far.on('data', chunk => read.push(chunk))
  await once(run.far, 'end')
  expect(Buffer.concat(read).toString()).toBe('one\ntwo\n')
  run.far.end('2 lines\n')
  expect(await code).toBe(0)
  expect(printed()).toBe('2 lines\n')
})

test('a terminal is raw while the dyno runs and never after it, and Ctrl-C goes to the dyno', async () => {
  using run = await dyno(async () => 130)
  const {local, stdin, raw} = terminal({tty: true})
  const code = attachTerminal(run.session, local, {tty: true})
  expect(raw).toEqual([true])
  stdin.write('\u0003')
  expect((await once(run.far, 'data'))[0].toString()).toBe('\u0003')
  run.far.end()
  expect(await code).toBe(130)
  expect(raw).toEqual([true, false])
})

test('a change of size reaches the dyno', async () => {
  using run = await dyno()
  const {local, stdout, stdin} = terminal({tty: true})
  const code = attachTerminal(run.session, local, {tty: true})
  Object.assign(stdout, {columns: 132, rows: 50})
  stdout.emit('resize')
  expect(run.sizes).toEqual([{columns: 132, rows: 50}])
  run.far.end()
  await code
  stdout.emit('resize')
  expect(run.sizes).toHaveLength(1)
  expect(stdin.listenerCount('data')).toBe(0)
})

test('a lost connection is an error that says so, and the terminal is given back', async () => {
  using run = await dyno(() => Promise.reject(new Error('nobody answers')))
  const {local, raw} = terminal({tty: true})
  const code = attachTerminal(run.session, local, {tty: true})
  run.session.stream.destroy(new Error('read ECONNRESET'))
  await expect(code).rejects.toMatchObject({id: 'connection_lost', exit: 75, message: expect.stringContaining('ECONNRESET')})
  expect(raw).toEqual([true, false])
})

test('a dyno that ended without reading its input is no lost connection', async () => {
  using run = await dyno(async () => 3)
  const {local} = terminal()
  const code = attachTerminal(run.session, local, {tty: false})
  run.session.stream.destroy(new Error('read ECONNRESET'))
  expect(await code).toBe(3)
})

test('four Ctrl-C within a second let go of a dyno that hangs', async () => {
  using run = await dyno()
  const {local, stdin} = terminal({tty: true})
  const refused = expect(attachTerminal(run.session, local, {tty: true})).rejects.toThrow('forcing dyno disconnect')
  for (let times = 0; times < 4; times += 1) {
    stdin.write(Buffer.from([3]))
    await new Promise(setImmediate)
  }
  await refused
})

test('a closed stdout ends it quietly', async () => {
  using run = await dyno(async () => 1)
  const closed = new Writable({write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}))})
  const code = attachTerminal(run.session, terminal({stdout: closed}).local, {tty: false})
  run.far.write('much\n')
  expect(await code).toBe(0)
})

test('a slow reader of stdout holds the dyno back and loses nothing', async () => {
  using run = await dyno()
  let bytes = 0
  const slow = new Writable({
    highWaterMark: 1000,
    write(chunk, _encoding, done) {
      bytes += chunk.length
      setImmediate(done)
    },
  })
  const code = attachTerminal(run.session, terminal({stdout: slow}).local, {tty: false})
  run.far.end(Buffer.alloc(1_000_000, 'x'))
  await code
  slow.end()
  await once(slow, 'finish')
  expect(bytes).toBe(1_000_000)
})

test('a dyno gets a terminal only when stdin and stdout are one', () => {
  const tty = terminal({tty: true}).local
  expect(wantsTty(tty)).toBe(true)
  expect(wantsTty({stdin: tty.stdin, stdout: terminal().local.stdout})).toBe(false)
  expect(wantsTty({stdin: terminal().local.stdin, stdout: tty.stdout})).toBe(false)
  expect(terminalSize(tty)).toEqual({columns: 80, rows: 24})
  expect(terminalSize(terminal().local)).toBeUndefined()
})
