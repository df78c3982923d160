import {once} from 'node:events'
import {createServer, type Server} from 'node:net'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {type Result, World} from '../support/world.js'

/** A program that has a port, and says `mine` to whoever comes. */
async function taken(port: number, address: string): Promise<AsyncDisposable & {server: Server}> {
  const server = createServer(socket =>
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmine'),
  )
  server.listen(port, address)
  await once(server, 'listening')
  return {
    server,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

const said = ({stdout, stderr}: Result): string => `${stdout}${stderr}`.replace(/\s+›\s+/g, ' ').replace(/\s+/g, ' ')

describe.each(['127.0.0.1', '::1'])('a port of the router that a program has on %s', address => {
  it('is told at the first start, and the home is as new', async () => {
    await using world = await World.start()
    {
      await using _other = await taken(world.routerPort, address)
      const refused = await world.hokku('create demo-port --no-remote')
      expect(said(refused)).toContain(`The router finds no free port on 127.0.0.1, ::1 (tried ${world.routerPort}).`)
      expect(said(refused)).toContain('HOKKU_ROUTER_PORT')
      expect(refused.exitCode).toBe(75)
    }
    expect(await world.json('apps')).toEqual([])
    await world.ok('create demo-port --no-remote')
    await eventually(async () => expect((await world.get('demo-port')).status).toBe(502), 60_000)
  })
})

describe('a port that was ours and is taken', () => {
  let world: World

  beforeAll(async () => {
    world = await World.start()
    await world.deployed('demo-ports', {
      'package.json': nodeManifest(),
      Procfile: 'web: node index.js\n',
      'index.js': `require('http').createServer((q, r) => r.end('ours')).listen(process.env.PORT)\n`,
    })
    await world.answers('demo-ports', 'ours')
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  const dynos = async (): Promise<string[]> =>
    (await world.containersOf('demo-ports')).filter(one => one.state === 'running').map(one => one.id)

  it.each(['127.0.0.1', '::1'])('by a program on %s keeps the router away until it is free, and nothing else', async address => {
    const before = await dynos()
    await world.letGoOfPorts()
    {
      await using _other = await taken(world.routerPort, address)
      await world.ok('config:set WHILE=taken --app demo-ports')
      await eventually(async () => {
        const doctor = await world.hokku('doctor')
        expect(said(doctor)).toContain(
          `fail router Port ${world.routerPort} on ${address}, where the router listens, is used by another program`,
        )
        expect(said(doctor)).toMatch(/ok engine/)
        expect(doctor.exitCode).toBe(1)
      }, 30_000)
      expect(await world.ok('ps --app demo-ports')).toContain('web.1: up')
    }
    await world.answers('demo-ports', 'ours')
    expect(await world.json('config --app demo-ports')).toEqual({WHILE: 'taken'})
    expect((await world.hokku('doctor')).stdout).toMatch(/ok +router +answers/)
    expect(before.length).toBe(1)
  })

  it('by the router of another home is not shared with it', async () => {
    await world.letGoOfPorts()
    {
      await using other = await World.start()
      other.env['HOKKU_ROUTER_PORT'] = String(world.routerPort)
      await other.ok('create demo-other --no-remote')
      const elsewhere = async (): Promise<number> => (await world.get('demo-other')).status
      await eventually(async () => expect(await elsewhere()).toBe(502), 60_000)
      await world.ok('config:set WHILE=shared --app demo-ports')
      await eventually(async () => expect(said(await world.hokku('doctor'))).toContain('is used by another program'), 30_000)
      // Every request, not every second one.
      for (let times = 0; times < 20; times += 1) expect(await elsewhere()).toBe(502)
      const third = await World.start()
      await using _ended = third
      third.env['HOKKU_ROUTER_PORT'] = String(world.routerPort)
      expect((await third.hokku('apps')).exitCode).toBe(75)
      await other.letGoOfPorts()
    }
    await world.answers('demo-ports', 'ours')
  })

  it('of the API stops the next runtime, whose message says what to do; apps go on', async () => {
    const url = new URL((await world.json<{url: string}>('runtime:status')).url)
    await world.ok('config:set KEPT=yes --app demo-ports')
    await world.answers('demo-ports', 'ours')
    await world.ok('runtime:stop')
    {
      await using _other = await taken(Number(url.port), '127.0.0.1')
      const refused = await world.hokku('apps')
      expect(said(refused)).toContain(`Port ${url.port} on 127.0.0.1, which the git remotes of your apps name, is used by another program.`)
      expect(said(refused)).toContain('HOKKU_API_PORT')
      expect(refused.exitCode).toBe(1)
      expect((await world.get('demo-ports')).body).toBe('ours')
      const doctor = await world.hokku('doctor')
      expect(said(doctor)).toContain('fail runtime does not start: Port')
      expect(doctor.exitCode).toBe(1)
    }
    expect(await world.json('config --app demo-ports')).toMatchObject({KEPT: 'yes'})
    expect(new URL((await world.json<{url: string}>('runtime:status')).url).port).toBe(url.port)
  })

  it('of the API at the first start is left to whoever has it', async () => {
    await using one = await World.start()
    await using two = await World.start()
    for (const {env} of [one, two]) delete env['HOKKU_API_PORT']
    await Promise.all([one.ok('apps'), two.ok('apps')])
    const urls = await Promise.all([one, two].map(world => world.json<{url: string}>('runtime:status')))
    expect(new Set(urls.map(({url}) => url)).size).toBe(2)
  })
})
