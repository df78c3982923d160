import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {HomeUnderFault} from '../support/faults.js'
import {imagesBehind} from '../support/images.js'
import {nodeManifest} from '../support/node-app.js'
import {OwnEngine, whyNoOwnEngine} from '../support/own-engine.js'
import {World} from '../support/world.js'

const missing = whyNoOwnEngine()
if (missing !== undefined) console.warn(`SKIPPED: no engine was stopped and started: ${missing}.`)

const app = 'demo-engine'
const files = {
  'package.json': nodeManifest(),
  Procfile: 'web: node index.js\nworker: sleep 1000000\n',
  'index.js': `require('http').createServer((q, r) => r.end('with ' + process.env.VALUE)).listen(process.env.PORT)\n`,
}
/** Everything is as wanted this long after the engine answers again, in ms, on two busy cores; docs/faults.md says it. */
const recovery = 45_000

/** A real engine, stopped and killed: one of the test's own, since apps and tests of others run in the machine's. */
describe.skipIf(missing !== undefined)('an engine that goes away', () => {
  let engine: OwnEngine
  let world: World
  let home: HomeUnderFault
  let folder: string

  beforeAll(async () => {
    engine = await OwnEngine.start()
    await engine.take(await images())
    world = await World.start({engine: engine.url})
    folder = await world.project('demo', files)
    await world.ok(`create ${app}`, folder)
    await world.ok('config:set VALUE=first', folder)
    await world.pushed(folder)
    await world.ok('ps:scale web=2 worker=1', folder)
    home = new HomeUnderFault(world, (await world.homeId()) as string)
    await recovered('with first')
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  it('is told of, and what is accepted meanwhile happens when it is back', async () => {
    await engine.down('SIGTERM')
    const doctor = await world.hokku('doctor', folder)
    expect(doctor.stdout).toMatch(/fail +engine +Docker does not answer/)
    expect(doctor.exitCode).toBe(1)
    for (const command of ['ps:scale web=3', 'run ls']) {
      const refused = await world.hokku(command, folder)
      expect(refused.stderr).toMatch(/Docker does not answer[\s\S]*Try this: .*[Dd]ocker/)
      expect(refused.exitCode, command).toBe(69)
    }
    const shown = await world.hokku('ps', folder)
    expect(shown.exitCode).toBe(0)
    expect(shown.stderr.replace(/\s+›\s+/g, ' ')).toContain('Warning: Docker does not answer. Dynos start again')
    expect(shown.stdout).not.toMatch(/: up /)
    await world.ok('config:set VALUE=second', folder)
    await engine.up()
    await recovered('with second')
    expect((await home.stateOf(app)).formation).toMatchObject({web: 2, worker: 1})
  })

  it('again within a minute is no crash of the dynos, which would wait for twenty', async () => {
    for (let times = 0; times < 2; times += 1) {
      await engine.down('SIGTERM')
      await engine.up()
      await recovered('with second')
    }
  })

  it('by a kill leaves the apps serving, and they come back when its successor has ended them', async () => {
    const load = world.load(app)
    await engine.down('SIGKILL')
    expect(await world.ok('ps', folder)).toMatch(/web\.1: up [\s\S]*web\.2: up/)
    const {sent, failed} = await load.stop()
    expect(failed).toEqual([])
    expect(sent).toBeGreaterThan(20)
    await engine.up()
    await recovered('with second')
  })

  it('during a build fails the push with a word, and the next one builds', async () => {
    const scripts = {build: 'echo building; sleep 30'}
    await world.write(folder, {'package.json': JSON.stringify({...JSON.parse(files['package.json']), scripts})})
    await world.commit(folder, 'a build that takes its time')
    const pushing = world.push(folder)
    const build = await eventually(async () => {
      const builds = await home.call<{id: string; status: string}[]>('GET', `/apps/${app}/builds`)
      const pending = builds.find(one => one.status === 'pending')
      if (pending === undefined) throw new Error('nothing is built')
      return pending.id
    }, 60_000)
    const output = world.follow(`builds:output ${build} --app ${app}`)
    await eventually(() => expect(output.text()).toMatch(/^ +building$/m), 60_000)
    await engine.down('SIGKILL')
    const pushed = await pushing
    expect(pushed.stderr).toContain('Docker could not build the image: the connection broke off')
    expect(pushed.exitCode).toBe(1)
    await engine.up()
    await recovered('with second')
    await world.write(folder, {'package.json': files['package.json']})
    await world.commit(folder, 'and one that does not')
    const again = await world.push(folder)
    expect([again.exitCode, again.exitCode === 0 ? '' : again.stderr]).toEqual([0, ''])
    await recovered('with second')
  })

  it('while dynos start has as many as were accepted afterwards', async () => {
    await world.ok('ps:scale web=4', folder)
    await engine.down('SIGKILL')
    await engine.up()
    await recovered('with second')
    expect((await home.running(app)).length).toBe(5)
  })

  it('is waited for by a runtime that starts without it', async () => {
    await engine.down('SIGTERM')
    process.kill(await world.runtimePid(), 'SIGKILL')
    expect(await world.ok('apps')).toContain(app)
    await world.ok('config:set VALUE=third', folder)
    await engine.up()
    await recovered('with third')
  })

  async function recovered(body: string): Promise<void> {
    await eventually(async () => {
      expect(await home.faults()).toEqual([])
      expect((await world.get(app)).body).toBe(body)
    }, recovery)
  }
})

/** Builds the app once where the internet is, and says what that needed. */
async function images(): Promise<string[]> {
  await using world = await World.start()
  await world.deployed(app, files)
  return await imagesBehind(world, app)
}
