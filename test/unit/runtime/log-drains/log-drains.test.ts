import {randomBytes} from 'node:crypto'
import {createServer} from 'node:tls'
import {afterEach, describe, expect, it} from 'vitest'
import {LogDrainTable} from '../../../../src/lib/runtime/log-drains/log-drain-table.js'
import {LogDrains} from '../../../../src/lib/runtime/log-drains/log-drains.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {makeAuthority} from '../../../../src/lib/runtime/support/x509.js'
import {eventually} from '../../../support/eventually.js'
import {fastClock} from '../../../support/fast-clock.js'
import {app, Bench, stamp} from '../logplex/support.js'
import {httpReceiver, syslogReceiver} from './receivers.js'

const seal = new Seal(randomBytes(32))
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function bench(): Promise<Bench> {
  const opened = await Bench.open()
  ends.push(() => opened[Symbol.asyncDispose]())
  const now = new Date().toISOString()
  opened.store.run(
    'INSERT INTO apps (id, name, stack, build_stack, region, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[app, 'demo', 'heroku-26', 'heroku-26', 'local', now, now],
  )
  return opened
}

function drainsOf({logplex, store}: Bench, times = 20): LogDrains {
  const clock = fastClock(times)
  const drains = new LogDrains({logplex, clock, log: silentLog, table: new LogDrainTable(store, seal, clock)})
  ends.push(() => drains.close())
  drains.start()
  return drains
}

describe('a log drain', () => {
  it('posts what is said from then on, framed as logplex does', async () => {
    const at = await bench()
    const receiver = await httpReceiver()
    ends.push(receiver.close)
    at.say('before')
    const {token} = drainsOf(at).add(app, `http://user:pass@127.0.0.1:${receiver.port}/drain?key=1`)
    at.say('grüß Gott')
    at.say('State changed from starting to up', 'web.1', 'heroku')
    await eventually(() => expect(receiver.messages()).toHaveLength(2))
    expect(receiver.messages()).toEqual([
      `<190>1 ${stamp} host app web.1 - grüß Gott`,
      `<134>1 ${stamp} host heroku web.1 - State changed from starting to up`,
    ])
    const [{url, headers}] = receiver.posts as [(typeof receiver.posts)[0]]
    expect(url).toBe('/drain?key=1')
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
      'content-type': 'application/logplex-1',
      'logplex-drain-token': token,
      'logplex-msg-count': String(receiver.posts[0]?.messages.length),
    })
    expect(headers['logplex-frame-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  it('sends again what was refused, and tells a slow receiver how many of the oldest it lost (L10)', async () => {
    const at = await bench()
    const receiver = await httpReceiver()
    ends.push(receiver.close)
    receiver.status = 503
    drainsOf(at).add(app, `http://127.0.0.1:${receiver.port}/`)
    at.say('first')
    await new Promise(resolve => setTimeout(resolve, 100))
    for (let n = 0; n < 1500; n += 1) at.say(`line ${n}`)
    await new Promise(resolve => setTimeout(resolve, 100))
    receiver.status = 200
    await eventually(() => expect(receiver.messages().at(-1)).toMatch(/line 1499$/))
    const messages = receiver.messages().map(message => message.slice(message.indexOf(' - ') + 3))
    expect(messages[0]).toBe('first')
    expect(messages[1]).toMatch(/^Error L10 \(output buffer overflow\): 476 messages dropped since 20..-..-..T..:..:..\+00:00\.$/)
    expect(messages.slice(2)).toEqual(Array.from({length: 1024}, (_, n) => `line ${n + 476}`))
  })

  it('names itself by its token on a syslog connection, which it makes again when it ends', async () => {
    const at = await bench()
    const receiver = await syslogReceiver()
    ends.push(receiver.close)
    const {token} = drainsOf(at).add(app, `syslog://127.0.0.1:${receiver.port}`)
    at.say('one')
    await eventually(() => expect(receiver.messages()).toEqual([`<190>1 ${stamp} ${token} app web.1 - one`]))
    receiver.hangUp()
    await new Promise(resolve => setTimeout(resolve, 50))
    at.say('two')
    await eventually(() => expect(receiver.messages().at(-1)).toMatch(/ - two$/))
    expect(receiver.connections()).toBe(2)
  })

  it('goes on after what it delivered when another runtime starts, without loss or doubles', async () => {
    const at = await bench()
    const receiver = await httpReceiver()
    ends.push(receiver.close)
    // It has taken the message before the runtime that stops hears so.
    receiver.delay = 30
    const first = drainsOf(at, 2)
    first.add(app, `http://127.0.0.1:${receiver.port}/`)
    at.say('one')
    await eventually(() => expect(receiver.messages()).toHaveLength(1))
    await first.close()
    at.say('two, while nobody was there')
    drainsOf(at)
    at.say('three')
    await eventually(() => expect(receiver.messages()).toHaveLength(3))
    expect(receiver.messages().map(message => message.split(' - ')[1])).toEqual(['one', 'two, while nobody was there', 'three'])
  })

  it('goes on where the place it has come to cannot be written down', async () => {
    const at = await bench()
    const receiver = await httpReceiver()
    ends.push(receiver.close)
    at.store.run(`CREATE TRIGGER full BEFORE UPDATE ON log_drains BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
    drainsOf(at).add(app, `http://127.0.0.1:${receiver.port}/`)
    for (const word of ['one', 'two']) {
      at.say(word)
      await eventually(() => expect(receiver.messages().at(-1)).toMatch(new RegExp(` - ${word}$`)))
    }
  })

  it('says in the log of the app that a certificate is not trusted (L14), and sends nothing', async () => {
    const at = await bench()
    const taken: Buffer[] = []
    const {key, certificate} = makeAuthority('stranger', [], {from: new Date(Date.now() - 1000), to: new Date(Date.now() + 86_400_000)})
    const server = createServer({key, cert: certificate}, socket =>
      socket.on('data', chunk => taken.push(chunk)).on('error', () => undefined),
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close())
    const {port} = server.address() as {port: number}
    drainsOf(at).add(app, `syslog+tls://me:secret@127.0.0.1:${port}`)
    at.say('one')
    await eventually(async () =>
      expect((await at.history()).map(({text}) => text.slice(33)).join('\n')).toMatch(
        /heroku\[logplex\]: Error L14 \(certificate validation\): error="[^"]+" uri="syslog\+tls:\/\/me:\[REDACTED\]@127\.0\.0\.1:\d+"/,
      ),
    )
    expect(taken).toEqual([])
  })

  it('ends with its removal and with its app, whether or not the receiver answers', async () => {
    const at = await bench()
    const receiver = await httpReceiver()
    ends.push(receiver.close)
    const drains = drainsOf(at)
    const url = `http://127.0.0.1:${receiver.port}/`
    drains.add(app, url)
    at.say('one')
    await eventually(() => expect(receiver.messages()).toHaveLength(1))
    await drains.remove(app, url)
    receiver.status = 500
    drains.add(app, `${url}second`)
    at.say('two')
    await new Promise(resolve => setTimeout(resolve, 100))
    await drains.removeApp(app)
    expect(drains.list(app)).toEqual([])
    expect(receiver.messages()).toHaveLength(1)
  })

  it('has its URL sealed at rest', async () => {
    const at = await bench()
    drainsOf(at).add(app, 'https://user:hunter2@127.0.0.1:9/')
    expect(JSON.stringify(at.store.all('SELECT * FROM log_drains'))).not.toContain('hunter2')
  })
})

describe('what is no drain', () => {
  it.each(['logs.example.com', 'ftp://x:1', 'syslog://logs.example.com', 'syslog+tls://x', 'http://', 'javascript:alert(1)'])(
    'is refused: %s',
    async url => {
      const at = await bench()
      expect(() => drainsOf(at).add(app, url)).toThrow('Url is invalid')
    },
  )

  it('is one an app has already, or a sixth; a password is not repeated', async () => {
    const at = await bench()
    const drains = drainsOf(at)
    for (let n = 1; n <= 5; n += 1) drains.add(app, `syslog://127.0.0.1:${n}`)
    expect(() => drains.add(app, 'syslog://127.0.0.1:1')).toThrow('Url has already been taken')
    expect(() => drains.add(app, 'syslog://127.0.0.1:6')).toThrow('An app can have 5 log drains at most')
    expect(() => drains.add(app, 'syslog://me:hunter2@x')).toThrow(/^(?!.*hunter2)/)
  })
})
