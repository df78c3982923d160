import {readFileSync, statSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {dockerApi, dockerText} from '../support/docker-api.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {filesBelow, processesOfHost, secretsIn} from '../support/search.js'
import {World} from '../support/world.js'

/** Answers `alive`; runs what `?sh=` says in a shell, as an attacker inside of a dyno would. */
const server = `
const {execFile} = require('child_process')
require('http').createServer((q, r) => {
  const command = new URL(q.url, 'http://x').searchParams.get('sh')
  if (command === null) return r.end('alive')
  execFile('bash', ['-c', command], {timeout: 25000, maxBuffer: 1 << 24}, (error, out, err) => r.end(out + err))
}).listen(process.env.PORT)
`
const probe = `
const fs = require('fs')
const sockets = ['/var/run/docker.sock', '/run/docker.sock', process.env.HOME + '/.docker'].filter(path => fs.existsSync(path))
console.log('PROBE planted=' + (process.env.PLANTED || '').length, 'sockets=' + sockets.join(), 'mounts=' + /hokku e2e/.test(fs.readFileSync('/proc/mounts', 'utf8')))
`
/** Connects, says something, prints what came back. */
const knock = (host: string, port: number, words: string): string => `node -e '
const s = require("net").connect({host: "${host}", port: ${port}})
const end = what => { console.log("END " + what); process.exit() }
s.setTimeout(3000, () => end("timeout")); s.on("error", e => end(e.code)); s.on("data", d => { process.stdout.write("GOT " + d) ; end("data") })
s.on("close", () => end("closed")); s.on("connect", () => s.write(${JSON.stringify(words).replaceAll("'", '')}))'`

const files = {
  'package.json': nodeManifest({scripts: {build: 'node probe.js'}}),
  Procfile: 'web: node index.js --token $PLANTED\n',
  'index.js': server,
  'probe.js': probe,
}

const planted = `planted-${'0123456789abcdef'.repeat(2)}-${process.pid}-value`

describe('what must stay inside', () => {
  let world: World
  let folder: string
  let pushOutput = ''
  const secrets: Record<string, string> = {planted}
  const seenInProcesses = new Set<string>()

  const shell = async (app: string, command: string): Promise<string> => (await world.get(app, `/?sh=${encodeURIComponent(command)}`)).body
  const home = (): string => world.env['HOKKU_HOME'] as string
  const container = async (filter: Record<string, string>): Promise<{id: string; address: string; labels: Record<string, string>}> => {
    const found = (await world.engine.observe({...filter, [label.home]: (await world.homeId()) as string})).find(
      one => one.state === 'running',
    )
    const inspected = JSON.parse(await dockerText(`/containers/${found?.id}/json`)) as {
      NetworkSettings: {Networks: Record<string, {IPAddress: string}>}
    }
    const [network] = Object.values(inspected.NetworkSettings.Networks)
    return {id: found?.id ?? '', address: network?.IPAddress ?? '', labels: found?.labels ?? {}}
  }

  beforeAll(async () => {
    world = await World.start()
    folder = await world.project('victim', files)
    await world.ok('create sec-victim', folder)
    await world.ok(['config:set', `PLANTED=${planted}`], folder)
    await world.ok('addons:create heroku-redis --wait', folder)
    const {REDIS_URL: redis} = await world.json<Record<string, string>>('config', folder)
    secrets['add-on password'] = new URL(redis as string).password
    secrets['API token'] = readFileSync(join(home(), 'token'), 'utf8').trim()
    const key = readFileSync(join(home(), 'key'))
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) secrets[`key as ${form}`] = key.toString(form)
    let watching = true
    const watch = (async () => {
      while (watching) {
        for (const {command, text} of await processesOfHost())
          for (const [name, secret] of Object.entries(secrets))
            if (text.includes(secret)) seenInProcesses.add(`${name} in ${command.replaceAll('\0', ' ')}`)
        await sleep(50)
      }
    })()
    pushOutput = await world.pushed(folder).finally(() => {
      watching = false
    })
    await watch
    await world.deployed('sec-attacker', {...files, Procfile: 'web: node index.js\n'})
    await world.answers('sec-victim', 'alive')
    await world.answers('sec-attacker', 'alive')
  })
  afterAll(() => world[Symbol.asyncDispose]())

  describe('a secret is in no', () => {
    it('build output, though the build had it', async () => {
      expect(pushOutput).toContain(`PROBE planted=${planted.length}`)
      expect(
        await secretsIn(
          (async function* () {
            yield Buffer.from(pushOutput)
          })(),
          secrets,
        ),
      ).toEqual([])
    })

    it('image layer, history or configuration, nor in the list of the build cache', async () => {
      const {labels} = await container({[label.kind]: 'dyno', [label.appName]: 'sec-victim'})
      const [image] = await world.engine.images({[label.app]: labels[label.app] as string})
      const places = [`/images/${image?.id}/get`, `/images/${image?.id}/history`, `/images/${image?.id}/json`, '/system/df']
      for (const place of places) expect(await secretsIn(await dockerApi(place), secrets), place).toEqual([])
    })

    it('label or name of a container', async () => {
      const containers = await world.engine.observe({
        [label.app]: (await container({[label.appName]: 'sec-victim'})).labels[label.app] as string,
      })
      expect(containers.length).toBeGreaterThan(0)
      const listed = JSON.parse(await dockerText('/containers/json?all=1')) as {Labels: unknown; Names: unknown; Command: unknown}[]
      const text = JSON.stringify(listed.map(({Labels, Names, Command}) => [Labels, Names, Command]))
      expect(Object.keys(secrets).filter(name => text.includes(secrets[name] as string))).toEqual([])
    })

    it('file of the home, but the two that are secrets themselves', async () => {
      const found: string[] = []
      for (const file of await filesBelow(home())) {
        if (!file.isFile() || [join(home(), 'key'), join(home(), 'token')].includes(file.path)) continue
        for (const name of await secretsIn(
          (async function* () {
            yield readFileSync(file.path)
          })(),
          secrets,
        ))
          found.push(`${name} in ${file.path}`)
      }
      expect(found).toEqual([])
    })

    it('file that others may read', async () => {
      expect(statSync(home()).mode & 0o777).toBe(0o700)
      const open = (await filesBelow(home())).filter(file => !file.isSymbolicLink() && (statSync(file.path).mode & 0o007) !== 0)
      expect(open.map(file => file.path.replace(home(), ''))).toEqual([])
      for (const name of ['key', 'token', 'hokku.sqlite', 'hokku.sqlite-wal', 'runtime.log', 'run/runtime.sock'])
        expect(statSync(join(home(), name)).mode & 0o777, name).toBe(0o600)
    })

    it('log of the app or of the runtime', async () => {
      const logs = await world.ok('logs -n 1500', folder)
      expect(logs).toContain('Starting process with command `node index.js --token $PLANTED`')
      expect(Object.keys(secrets).filter(name => logs.includes(secrets[name] as string))).toEqual([])
    })

    it('process list while an app is pushed', () => {
      expect([...seenInProcesses]).toEqual([])
    })

    it('error message', async () => {
      for (const command of [
        ['config:set', 'NO=1', '--app', 'sec-nothing'],
        ['config:set', '=x'],
        ['addons:create', 'heroku-redis:none'],
        ['pg:info'],
        ['run', '--size', 'none', 'ls'],
      ]) {
        const {stdout, stderr} = await world.hokku(command, folder)
        expect(Object.keys(secrets).filter(name => `${stdout}${stderr}`.includes(secrets[name] as string))).toEqual([])
      }
    })
  })

  describe('a dyno', () => {
    it('has no capability, no way to get one, no socket of ours and the limits of its size', async () => {
      const status = await shell(
        'sec-attacker',
        'id -u; cat /proc/self/status; cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null',
      )
      expect(status).toMatch(/^1000\n/)
      expect(status).toMatch(/CapPrm:\s0{16}\nCapEff:\s0{16}\nCapBnd:\s0{16}/)
      expect(status).toMatch(/NoNewPrivs:\s1/)
      expect(status).toMatch(/Seccomp:\s2/)
      expect(status).toMatch(/\n256\n536870912\n/)
      const tries = [
        'ls /var/run/docker.sock /run/docker.sock',
        'mount -t tmpfs x /tmp',
        'mknod /tmp/d b 8 0',
        'touch /usr/bin/x',
        'chroot / id',
        'unshare -r id',
        'echo x > /proc/sys/kernel/hostname',
        'dmesg',
      ]
      for (const attempt of tries) expect(await shell('sec-attacker', `${attempt} && echo SUCCEEDED`), attempt).not.toContain('SUCCEEDED')
      expect(await shell('sec-attacker', 'cat /proc/mounts')).not.toContain('hokku e2e')
    })

    it('reaches neither the API, the fallback, add-on ports nor anything else on 127.0.0.1 of the host', async () => {
      const local = await listenOnLoopback()
      try {
        const gateway = (await container({[label.appName]: 'sec-attacker'})).address.replace(/\.\d+$/, '.1')
        const api = Number(new URL((await world.json<{url: string}>('runtime:status')).url).port)
        const {REDIS_URL: redis} = await world.json<Record<string, string>>('config', folder)
        const ports = [api, world.routerPort, local.port, Number(new URL(redis as string).port)]
        for (const host of ['127.0.0.1', gateway])
          for (const port of ports)
            expect(await shell('sec-attacker', knock(host, port, 'GET / HTTP/1.0\n\n')), `${host}:${port}`).toMatch(/^END (?!data)/)
      } finally {
        local.server.close()
      }
    })

    it("reaches its own app's add-on, and nothing of another app by address", async () => {
      const victim = await container({[label.kind]: 'dyno', [label.appName]: 'sec-victim'})
      const redis = await container({[label.kind]: 'addon', [label.home]: victim.labels[label.home] as string})
      expect(await shell('sec-victim', knock(redis.address, 6379, 'PING\r\n'))).toContain('GOT ')
      expect(await shell('sec-attacker', knock(redis.address, 6379, 'PING\r\n'))).not.toContain('GOT ')
      const port = Number(victim.labels[label.port])
      expect(await shell('sec-victim', knock(victim.address, port, 'GET / HTTP/1.0\n\n'))).toContain('GOT HTTP')
      expect(await shell('sec-attacker', knock(victim.address, port, 'GET / HTTP/1.0\n\n'))).not.toContain('GOT ')
    })
  })

  it('a build step reaches no socket and sees nothing of the home', () => {
    expect(pushOutput).toMatch(/PROBE planted=\d+ sockets= mounts=false/)
  })

  describe('another app answers every request while a dyno', () => {
    const running = async (): Promise<string[]> =>
      (await world.containersOf('sec-attacker'))
        .filter(({state, labels}) => state === 'running' && labels[label.type] === 'web')
        .map(({id}) => id)
    const during = async (bomb: () => Promise<unknown>): Promise<void> => {
      const load = world.load('sec-victim')
      await bomb().catch(() => undefined)
      await sleep(2_000)
      const {sent, failed, bodies} = await load.stop()
      expect([failed, [...bodies]]).toEqual([[], ['alive']])
      expect(sent).toBeGreaterThan(20)
      const before = await running()
      await world.ok('ps:restart --app sec-attacker')
      // The old dyno answers until the new one is up, and for a moment longer: the next bomb is not for one that this one has hit.
      await eventually(async () => {
        const now = await running()
        expect([now.length, now.filter(id => before.includes(id))]).toEqual([1, []])
        expect((await world.get('sec-attacker')).body).toBe('alive')
      }, 60_000)
    }

    it('forks without end', async () => {
      const {id} = await container({[label.kind]: 'dyno', [label.appName]: 'sec-attacker'})
      let most = 0
      const watch = setInterval(async () => {
        // Nothing, when the dyno is gone meanwhile.
        const stats = (await dockerText(`/containers/${id}/stats?stream=false&one-shot=1`).catch(() => '')) || '{}'
        most = Math.max(most, (JSON.parse(stats) as {pids_stats?: {current?: number}}).pids_stats?.current ?? 0)
      }, 250)
      await during(() => shell('sec-attacker', 'f() { f | f & }; f; sleep 5')).finally(() => clearInterval(watch))
      // It went off, and its size's limit held it.
      expect(most).toBeGreaterThan(200)
      expect(most).toBeLessThanOrEqual(256)
    })
    it('takes memory without end', async () => {
      await during(() => shell('sec-attacker', 'tail /dev/zero'))
      await eventually(async () =>
        expect(await world.ok('logs -n 1500 --source heroku --app sec-attacker')).toContain('Error R15 (Memory quota vastly exceeded)'),
      )
    })
    it('fills its disk', () =>
      during(() => shell('sec-attacker', 'for d in /app /tmp /dev/shm; do dd if=/dev/zero of=$d/full bs=1M count=200 status=none; done')))
    it('floods its log', () =>
      during(async () => {
        await world.ok(['run:detached', '--app', 'sec-attacker', '--', 'timeout 5 yes a line that is written without end'])
        await sleep(6_000)
        expect(await world.ok('logs -n 1500 --dyno api', folder)).toContain('Build succeeded')
      }))
  })
})

function listenOnLoopback(): Promise<{server: Server; port: number}> {
  const server = createServer(socket => socket.end('data\n'))
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({server, port: (server.address() as {port: number}).port})))
}
