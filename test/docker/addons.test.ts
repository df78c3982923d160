import {connect, type Socket} from 'node:net'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {addonContract} from '../contract/addon.js'

/** Speaks just enough of each protocol to be let in with the password of the URL. */
const handshakes: Record<string, (url: URL) => Promise<void>> = {
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
}

const psql = (sql: string): string[] => ['psql', '-qtAc', sql]

addonContract('Docker', {
  engine: () => connectDocker(),
  plans: 'default',
  connect: async (service, configVars) => {
    const handshake = handshakes[service]
    if (handshake === undefined) throw new Error(`No handshake for ${service}: add one to test/docker/addons.test.ts.`)
    for (const value of Object.values(configVars)) await handshake(new URL(value))
  },
  data: {
    'heroku-postgresql': {
      write: psql("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('survivor')"),
      read: psql('SELECT word FROM kept'),
      printed: 'survivor',
    },
    'heroku-redis': {write: ['redis-cli', 'set', 'kept', 'survivor'], read: ['redis-cli', 'get', 'kept'], printed: 'survivor'},
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
