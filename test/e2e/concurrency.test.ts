import {get as open} from 'node:http'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {HomeUnderFault} from '../support/faults.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const app = 'demo-many'
const index = (body: string): string => `require('http').createServer((q, r) => {
  const lines = Number(q.url.slice(1))
  for (let n = 1; n <= lines; n += 1) console.log('line ' + n + ' ' + 'x'.repeat(200))
  r.end('${body}')
}).listen(process.env.PORT)
`
const files = {
  'package.json': nodeManifest(),
  Procfile: 'web: node index.js\nworker: sleep 1000000\n',
  'index.js': index('one'),
}

describe('many at once', () => {
  let world: World
  let home: HomeUnderFault
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.project('demo', files)
    await world.ok(`create ${app}`, folder)
    await world.ok('create demo-other --no-remote')
    await world.pushed(folder)
    home = new HomeUnderFault(world, (await world.homeId()) as string)
    await world.answers(app, 'one')
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  it('twenty commands on two apps lose no update, and every change has a release of its own', async () => {
    const before = (await home.releases(app)).length
    const set = (name: string, index: number): string[] => ['config:set', `VAR_${index}=${index}`, '--app', name]
    const commands = [
      ...Array.from({length: 10}, (_, index) => set(app, index)),
      ...Array.from({length: 5}, (_, index) => set('demo-other', index)),
      ...Array.from({length: 4}, () => ['ps:scale', 'worker+1', '--app', app]),
      ['maintenance:on', '--app', 'demo-other'],
    ]
    const results = await Promise.all(commands.map(command => world.hokku(command)))
    expect(results.map(one => one.stderr).filter((_, index) => results[index]?.exitCode !== 0)).toEqual([])
    const vars = (name: string): Promise<Record<string, string>> => home.call('GET', `/apps/${name}/config-vars`)
    expect(Object.keys(await vars(app))).toHaveLength(10)
    expect(Object.keys(await vars('demo-other'))).toHaveLength(5)
    expect((await home.stateOf(app)).formation).toEqual({web: 1, worker: 4})
    const releases = await home.releases(app)
    expect(releases).toHaveLength(before + 10)
    expect(new Set(releases.map(one => one.version)).size).toBe(releases.length)
    expect(await home.call('GET', '/apps/demo-other')).toMatchObject({maintenance: true})
    await world.ok('ps:scale worker=0', folder)
    await eventually(async () => expect(await home.faults()).toEqual([]), 60_000)
  })

  it('two pushes, a scale and a config:set end as if they had come one after the other', async () => {
    const clones = await Promise.all(
      ['two', 'three'].map(async name => {
        const clone = `${world.directory}/${name}`
        await world.exec('git', ['clone', '--quiet', folder, clone], world.directory)
        await world.ok(`git:remote --app ${app}`, clone)
        await world.write(clone, {'index.js': index(name)})
        await world.commit(clone, name)
        return {clone, name}
      }),
    )
    const before = await home.releases(app)
    const [pushes, scaled, set] = await Promise.all([
      Promise.all(clones.map(({clone}) => world.push(clone))),
      world.hokku(`ps:scale web=2 --app ${app}`),
      world.hokku(`config:set SERIAL=yes --app ${app}`),
    ])
    expect([scaled.exitCode, set.exitCode]).toEqual([0, 0])
    expect(pushes.map(push => push.exitCode).sort()).toEqual([0, 1])
    const winner = clones[pushes.findIndex(push => push.exitCode === 0)] as {clone: string; name: string}
    const head = (await world.exec('git', ['rev-parse', 'HEAD'], winner.clone)).stdout.trim()
    const [main] = (await world.exec('git', ['ls-remote', 'hokku', 'main'], folder)).stdout.split('\t')
    expect(main).toBe(head)
    expect(await home.releases(app)).toHaveLength(before.length + 2)
    expect(await home.call('GET', `/apps/${app}/config-vars`)).toMatchObject({SERIAL: 'yes', VAR_0: '0'})
    expect((await home.stateOf(app)).formation).toMatchObject({web: 2})
    await world.answers(app, winner.name)
    await eventually(async () => expect(await home.faults()).toEqual([]), 60_000)
  })

  it('a reader of logs who takes nothing slows neither the app, nor other readers, nor commands', async () => {
    await world.ok('ps:scale web=1', folder)
    const {logplex_url: url} = await home.call<{logplex_url: string}>('POST', `/apps/${app}/log-sessions`, {
      body: {tail: true, lines: 1500},
    })
    const stuck = await unread(url)
    const reader = world.follow(`logs --tail --app ${app}`)
    // More than is kept for a reader (8 MB), in parts, so that only the stuck one falls behind.
    const [count, parts] = [10_000, 8]
    for (let part = 1; part <= parts; part += 1) {
      await eventually(async () => expect((await world.get(app, `/${count}`)).status).toBe(200), 60_000)
      await eventually(() => expect(reader.text().split(`line ${count} `).length - 1).toBeGreaterThanOrEqual(part), 60_000)
    }
    const began = Date.now()
    await world.ok(`config:get VAR_0 --app ${app}`)
    expect(Date.now() - began).toBeLessThan(10_000)
    reader.stop()
    stuck.close()
  })

  it('a reader of a build who takes nothing does not hold the build up', async () => {
    await world.exec('git', ['pull', '--quiet', 'hokku', 'main'], folder)
    await world.write(folder, {
      'package.json': nodeManifest({
        scripts: {build: `node -e "for (let n = 0; n < 40000; n += 1) console.log(n, 'y'.repeat(200))"`},
      }),
    })
    await world.commit(folder, 'talkative')
    const pushing = world.push(folder)
    const build = await eventually(async () => {
      const builds = await home.call<{status: string; output_stream_url: string}[]>('GET', `/apps/${app}/builds`)
      const pending = builds.find(one => one.status === 'pending')
      if (pending === undefined) throw new Error('no build yet')
      return pending
    }, 60_000)
    const stuck = await unread(build.output_stream_url)
    const pushed = await pushing
    stuck.close()
    expect(pushed.stderr).toContain('Verifying deploy... done.')
    expect(pushed.exitCode).toBe(0)
  })

  /** A response that nobody reads, through the runtime's socket. */
  function unread(url: string): Promise<{close(): void}> {
    const {pathname, search} = new URL(url)
    return new Promise((resolve, reject) => {
      const request = open({socketPath: home.home.socket, path: `${pathname}${search}`}, response => {
        response.pause()
        response.on('error', () => undefined)
        resolve({close: () => request.destroy()})
      })
      request.on('error', reject)
    })
  }
})
