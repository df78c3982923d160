import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const server = (body: string): string => `require('http').createServer((q, r) => r.end(${JSON.stringify(body)})).listen(process.env.PORT)\n`

const manifest = (more: Record<string, unknown> = {}): string => nodeManifest({scripts: {start: 'node index.js'}, ...more})

interface Release {
  version: number
  status: string
  current: boolean
}

/** Each of these leaves the release before it serving, and no request fails meanwhile. */
describe('a release that cannot be', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.deployed('demo-failures', {'package.json': manifest(), 'index.js': server('good')})
    await world.answers('demo-failures', 'good')
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('built rejects the push and makes no release', async () => {
    const before = await releases()
    await world.write(folder, {
      'package.json': manifest({scripts: {start: 'node index.js', build: 'echo about to fail; exit 7'}}),
      'index.js': server('bad'),
    })
    await world.commit(folder, 'a build that fails')
    const load = world.load('demo-failures')
    const pushed = await world.push(folder)
    const {sent, failed, bodies} = await load.stop()
    expect(pushed.exitCode).toBe(1)
    expect(pushed.stderr).toContain('about to fail')
    expect(pushed.stderr).toMatch(/remote: {2}! {5}Push rejected, failed to compile Node\.js app\./)
    expect(pushed.stderr).toContain('! [remote rejected] main -> main (pre-receive hook declined)')
    expect([failed, [...bodies]]).toEqual([[], ['good']])
    expect(sent).toBeGreaterThan(10)
    expect(await releases()).toEqual(before)
  })

  it('released by its release command stays failed, and the push succeeds as on Heroku', async () => {
    const before = await releases()
    const procfile = 'web: npm start\nrelease: echo migrating; exit 3\n'
    await world.write(folder, {'package.json': manifest(), 'index.js': server('bad'), Procfile: procfile})
    await world.commit(folder, 'a release command that fails')
    const load = world.load('demo-failures')
    const pushed = await world.push(folder)
    const {failed, bodies} = await load.stop()
    expect(pushed.exitCode).toBe(0)
    expect(pushed.stderr).toMatch(/migrating[\s\S]*Waiting for release\.\.\.\. failed\./)
    expect([failed, [...bodies]]).toEqual([[], ['good']])
    const [newest, ...older] = await releases()
    expect(newest).toMatchObject({status: 'failed', current: false})
    expect(older).toEqual(before)
    expect(await world.ok('releases:output', folder)).toContain('migrating')
    expect(await world.ok('logs -n 1500 --dyno api', folder)).toMatch(/app\[api\]: Release v\d+ command failed by user dev@example\.com/)
  })

  it('bound to its port crashes with R10 after 60 s while the old dynos go on', async () => {
    await world.write(folder, {Procfile: 'web: npm start\n', 'index.js': 'setInterval(() => {}, 1000)\n'})
    await world.commit(folder, 'never listens')
    const load = world.load('demo-failures')
    const pushed = await world.push(folder)
    const {failed, bodies} = await load.stop()
    expect(pushed.exitCode).toBe(0)
    expect(pushed.stderr).toContain('The new web dynos did not start; what served before keeps serving.')
    expect([failed, [...bodies]]).toEqual([[], ['good']])
    const logs = await world.ok('logs -n 1500 --dyno web.1 --source heroku', folder)
    expect(logs).toContain('Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch')
    expect(logs).toMatch(/heroku\[web\.1\]: State changed from starting to crashed/)
    await world.answers('demo-failures', 'good')
  })

  it('running is replaced without a failed request by one that can', async () => {
    await world.write(folder, {'index.js': server('better')})
    await world.commit(folder, 'mended')
    const load = world.load('demo-failures')
    const pushed = await world.push(folder)
    expect(pushed.exitCode).toBe(0)
    await world.answers('demo-failures', 'better')
    await eventually(async () => {
      const dynos = await world.json<{name: string; state: string}[]>('ps', folder)
      expect(dynos.map(dyno => `${dyno.name} ${dyno.state}`)).toEqual(['web.1 up'])
    }, 60_000)
    const {failed, bodies} = await load.stop()
    expect([failed, [...bodies].sort()]).toEqual([[], ['better', 'good']])
  })

  async function releases(): Promise<Release[]> {
    const found = await world.json<Release[]>('releases', folder)
    return found.map(({version, status, current}) => ({version, status, current}))
  }
})
