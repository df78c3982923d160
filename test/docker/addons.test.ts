import {connect, type Socket} from 'node:net'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {addonContract} from '../contract/addon.js'

/** Speaks just enough of each protocol to be let in with the password of the URL. */
const handshakes: Record<string, (url: URL, configVars: Record<string, string>) => Promise<void>> = {
  'heroku-redis': async url => {
    const socket = await open(url)
    socket.write(`AUTH ${decodeURIComponent(url.password)}\r\nPING\r\n`)
    await answer(socket, /\+OK\r\n\+PONG\r\n/)
  },
  // The start of a SCRAM exchange: the server knows the user and asks for the password.
  'heroku-postgresql': async url => {
    const socket = await open(url)
    const parameters = Buffer.from(`user\0${url.username}\0database\0${url.pathname.slice(1)}\0\0`)
    const head = Buffer.alloc(8)
    head.writeInt32BE(parameters.length + 8, 0)
    head.writeInt32BE(196_608, 4)
    socket.write(Buffer.concat([head, parameters]))
    await answer(socket, /SCRAM-SHA-256/)
  },
  // SASL PLAIN in the binary protocol: status 0.
  memcachier: async (url, {MEMCACHIER_USERNAME: user, MEMCACHIER_PASSWORD: password}) => {
    const body = Buffer.from(`PLAIN\0${user}\0${password}`)
    const head = Buffer.alloc(24)
    head.set([0x80, 0x21, 0, 5])
    head.writeUInt32BE(body.length, 8)
    const socket = await open(url)
    socket.write(Buffer.concat([head, body]))
    await answer(socket, /^\x81\x21....\0\0.{16}Authenticated/s)
  },
  cloudamqp: async url => {
    const socket = await open(url)
    socket.write('AMQP\0\0\x09\x01')
    await answer(socket, /RabbitMQ/)
  },
}

/** The server's greeting; test/docker/addon-clients.test.ts goes on from there. */
const mysql = async (url: URL): Promise<void> => await answer(await open(url), /11\.8\.\d+-MariaDB/)
for (const service of ['jawsdb-maria', 'jawsdb', 'cleardb']) handshakes[service] = mysql

/** SMTP greets; the API, which the config vars name first, is asked by test/docker/addon-clients.test.ts. */
const smtp = async (_url: URL, configVars: Record<string, string>): Promise<void> => {
  const [, host] = Object.entries(configVars).find(([name]) => name.endsWith('_SMTP_SERVER')) ?? []
  const [, port] = Object.entries(configVars).find(([name]) => name.endsWith('_SMTP_PORT')) ?? []
  await answer(await open(new URL(`smtp://${host}:${port}`)), /^220 .* mails are caught here/)
}
for (const service of ['mailgun', 'sendgrid', 'postmark']) handshakes[service] = smtp

/** Who does not sign is told so in S3's words. */
handshakes['bucketeer'] = async (url, {BUCKETEER_BUCKET_NAME: bucket}) => {
  const response = await fetch(new URL(bucket as string, url.href.replace('tcp:', 'http:')))
  if (!(await response.text()).includes('<Code>AccessDenied</Code>')) throw new Error(`the bucket answered ${response.status}`)
}

const psql = (sql: string): string[] => ['psql', '-qtAc', sql]

/** Whose data a client library writes and reads: test/docker/addon-clients.test.ts. */
const elsewhere = ['memcachier', 'jawsdb-maria', 'jawsdb', 'cleardb', 'cloudamqp', 'mailgun', 'sendgrid', 'postmark', 'bucketeer'] as const

addonContract('Docker', {
  engine: () => connectDocker(),
  // As a build of an example has, on two cores that others use.
  timeout: 600_000,
  plans: 'default',
  connect: async (service, configVars) => {
    const handshake = handshakes[service]
    if (handshake === undefined) throw new Error(`No handshake for ${service}: add one to test/docker/addons.test.ts.`)
    const [address = ''] = Object.values(configVars).filter(value => /:\d+/.test(value))
    await handshake(new URL(address.includes('://') ? address : `tcp://${address}`), configVars)
  },
  data: {
    'heroku-postgresql': {
      write: psql("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('survivor')"),
      read: psql('SELECT word FROM kept'),
      printed: 'survivor',
    },
    'heroku-redis': {write: ['redis-cli', 'set', 'kept', 'survivor'], read: ['redis-cli', 'get', 'kept'], printed: 'survivor'},
    ...Object.fromEntries(elsewhere.map(service => [service, 'elsewhere'])),
  },
})

function open(url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => resolve(socket))
    socket.once('error', reject)
  })
}

function answer(socket: Socket, expected: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer like ${expected}, only ${JSON.stringify(text)}`)))
    socket.on('error', reject).on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)))
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (!expected.test(text)) return
      resolve()
      socket.destroy()
    })
  })
}
