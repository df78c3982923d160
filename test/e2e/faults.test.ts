import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {faultSeed, HomeUnderFault, randomFrom} from '../support/faults.js'
import {nodeManifest} from '../support/node-app.js'
import {type Result, World} from '../support/world.js'

const app = 'demo-faults'
const seed = faultSeed('faults')
/** Kills in each scenario; a night's worth with FAULT_ROUNDS=50. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 2)
/** What can recover has done so within this, in ms, on two busy cores; docs/faults.md says it. */
const recovery = 45_000

const files = {
  'package.json': nodeManifest(),
  Procfile: 'web: node index.js\nrelease: echo migrating; sleep 0.7; echo $MIGRATION migrated\n',
  'index.js': `require('http').createServer((q, r) => r.end('up')).listen(process.env.PORT)\n`,
}

/** `kill -9` of the runtime at moments that FAULT_SEED repeats. */
describe('a runtime killed at any moment', () => {
  let world: World
  let home: HomeUnderFault
  let folder: string
  /** Config vars that must be there, because a command said so. */
  const accepted: Record<string, string> = {}

  beforeAll(async () => {
    world = await World.start()
    folder = await world.deployed(app, files)
    home = new HomeUnderFault(world, (await world.homeId()) as string)
    await world.answers(app, 'up')
    await recovered()
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  /** `within` ms after it began; where that takes a while to come about, `begun` waits for it. */
  const scenario = (
    name: string,
    within: number,
    act: (random: () => number, round: number) => Promise<() => Promise<void>>,
    begun: () => Promise<void> = async () => undefined,
  ): void => {
    for (let round = 0; round < rounds; round += 1)
      it(`${name}, round ${round + 1}`, async () => {
        const random = randomFrom(seed + name.length * 7919 + round)
        const acting = act(random, round)
        acting.catch(() => undefined)
        await begun()
        await sleep(random() * within)
        await kill()
        const check = await acting
        await recovered()
        await check()
      })
  }

  const isBuilding = async (): Promise<void> => {
    const builds = await home.call<{status: string}[]>('GET', `/apps/${app}/builds`)
    if (!builds.some(one => one.status === 'pending')) throw new Error('nothing is built')
  }
  const building = async (_random: () => number, round: number): Promise<() => Promise<void>> => {
    const before = await home.stateOf(app)
    await world.write(folder, {'index.js': files['index.js'].replace(`'up'`, `'up' /* ${seed} ${round} */`)})
    await world.commit(folder, `round ${round}`)
    const pushed = await world.push(folder)
    return async () => {
      const after = await home.stateOf(app)
      if (pushed.exitCode === 0) expect(after.release).toBeGreaterThan(before.release)
      await world.answers(app, 'up')
    }
  }
  // At once: a build from the cache may take no more than a second.
  scenario('during a build keeps what ran, or has the new release whole', 600, building, () => eventually(isBuilding, 60_000))
  scenario('during a push keeps what ran, or has the new release whole', 9000, building)

  scenario('during a scale has the formation that was accepted', 1500, async random => {
    const before = await home.stateOf(app)
    const quantity = 1 + Math.floor(random() * 3)
    const scaled = await world.hokku(`ps:scale web=${quantity} --app ${app}`)
    return async () => {
      const {web} = (await home.stateOf(app)).formation
      expect(scaled.exitCode === 0 ? [quantity] : [quantity, before.formation['web']]).toContain(web)
    }
  })

  scenario('during a release phase runs its command once at a time and decides', 4000, async (_random, round) => {
    const before = await home.stateOf(app)
    const set = await world.hokku(`config:set MIGRATION=${round} --app ${app}`)
    return async () => {
      if (set.exitCode === 0) accepted['MIGRATION'] = String(round)
      const after = await home.releases(app)
      const [newest] = after.sort((a, b) => b.version - a.version)
      if (set.exitCode === 0) expect(newest).toMatchObject({status: 'succeeded', current: true})
      if (newest !== undefined && newest.version > before.release)
        expect(await world.ok(`releases:output v${newest.version} --app ${app}`)).toBe(`migrating\n${round} migrated\n`)
    }
  })

  scenario('during a rollback has the old code and config together, or neither', 4000, async () => {
    const before = await home.stateOf(app)
    const [target] = (await home.releases(app))
      .filter(one => one.status === 'succeeded' && one.version >= 3)
      .sort((a, b) => a.version - b.version)
    const back = await world.hokku(`releases:rollback v${target?.version} --app ${app}`)
    return async () => {
      const after = await home.stateOf(app)
      if (back.exitCode === 0) expect(after.release).toBeGreaterThan(before.release)
      const vars = (version: number): Promise<unknown> => home.call('GET', `/apps/${app}/releases/${version}/config-vars`)
      expect(await vars(after.release)).toEqual(await home.call('GET', `/apps/${app}/config-vars`))
      for (const name of Object.keys(accepted)) delete accepted[name]
    }
  })

  scenario('during a storm of config:set keeps every accepted one', 4000, async (_random, round) => {
    const names = Array.from({length: 4}, (_, index) => `STORM_${round}_${index}`)
    const results = await Promise.all(names.map(name => world.hokku(`config:set ${name}=${name} --app ${app}`)))
    names.forEach((name, index) => {
      if ((results[index] as Result).exitCode === 0) accepted[name] = name
    })
    expect(results.map(one => one.exitCode).filter(code => code !== 0 && code !== 75)).toEqual([])
    return async () => expect(await home.call('GET', `/apps/${app}/config-vars`)).toMatchObject(accepted)
  })

  scenario('during the provisioning of an add-on has it running, or not at all', 5000, async (_random, round) => {
    const created = await world.hokku(`addons:create heroku-redis:mini --as CACHE_${round} --app ${app}`)
    return async () => {
      const addons = await home.call<{name: string}[]>('GET', `/apps/${app}/addons`)
      if (created.exitCode === 0) expect(addons).toHaveLength(1)
      for (const {name} of addons) await world.ok(`addons:destroy ${name} --app ${app} --confirm ${app}`)
      await recovered()
    }
  })

  scenario('during apps:destroy has the app whole, or nothing of it', 1500, async (_random, round) => {
    const doomed = `doomed-${seed % 1000}-${round}`
    await world.hokku(`create ${doomed} --no-remote`)
    await world.hokku(`config:set A=b --app ${doomed}`)
    const destroyed = await world.hokku(`apps:destroy ${doomed} --confirm ${doomed}`)
    return async () => {
      const names = (await home.call<{name: string}[]>('GET', '/apps')).map(one => one.name)
      if (destroyed.exitCode === 0) expect(names).not.toContain(doomed)
      if (names.includes(doomed)) await world.ok(`apps:destroy ${doomed} --confirm ${doomed}`)
      await recovered()
    }
  })

  it('leaves an app that nobody changed exactly the containers it had', async () => {
    const before = await home.running(app)
    for (let times = 0; times < 3; times += 1) {
      await kill()
      expect((await home.running(app)).sort()).toEqual(before.sort())
      await world.ok('ps', folder)
      await sleep(randomFrom(seed + times)() * 500)
    }
    await recovered()
    expect((await home.running(app)).sort()).toEqual(before.sort())
  })

  it('whose router is killed as well routes again', async () => {
    const [router] = await world.engine.observe({[label.home]: home.homeId, [label.kind]: 'router'})
    await world.engine.kill(router?.id as string, 'SIGKILL')
    await world.answers(app, 'up')
  })

  it('and a dyno that somebody removed is started again', async () => {
    const [victim] = await home.running(app)
    await world.engine.remove(victim as string)
    await recovered()
    await world.answers(app, 'up')
  })

  async function kill(): Promise<void> {
    const status = await home.call<{pid: number}>('GET', '/runtime').catch(() => undefined)
    if (status !== undefined) process.kill(status.pid, 'SIGKILL')
  }

  /** The next command starts the next runtime; then all must become well, and stay so. */
  async function recovered(): Promise<void> {
    await world.ok('apps')
    await eventually(async () => expect(await home.faults()).toEqual([]), recovery)
  }
})
