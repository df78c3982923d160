import {describe, expect, it} from 'vitest'
import {idleTime} from '../../../../src/lib/runtime/dynos/sleep/eco.js'
import {eventually} from '../../../support/eventually.js'
import {type MovableClock, shiftedClock} from '../../../support/movable-clock.js'
import {appId, type WantedShape, type World, world} from './support.js'

const idleMs = 30 * 60_000
const eco: WantedShape = {version: 7, formation: {web: 1, worker: 1}, size: 'Eco'}

type SleepyWorld = World & {clock: MovableClock}

async function awake(shape: WantedShape = eco, quiet?: () => Promise<void>): Promise<SleepyWorld> {
  const clock = shiftedClock()
  const at = await world({clock, idleMs, ...(quiet && {quiet})})
  await at.want(shape)
  await eventually(() => expect(at.ps().every(one => one.endsWith('up'))).toBe(true))
  return at as SleepyWorld
}

async function asleep(): Promise<SleepyWorld> {
  const at = await awake()
  await pass(at, 31)
  await eventually(async () => expect([at.ps(), await at.running()]).toEqual([['web.1 v7 idle', 'worker.1 v7 idle'], []]))
  return at
}

/** In steps, so that whoever looks every minute does. */
async function pass(at: SleepyWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    at.clock.advance(60_000)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

function request(at: SleepyWorld): void {
  at.log.append(appId, {at: at.clock.now(), source: 'heroku', ps: 'router', message: 'at=info'})
}

describe('eco dynos', () => {
  it('sleep when nobody has asked for half an hour, the worker too, and say so as on Heroku', async () => {
    await using at = await awake()
    await pass(at, 28)
    expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up'])
    at.log.lines.length = 0
    await pass(at, 3)
    await eventually(async () => expect([at.ps(), await at.running()]).toEqual([['web.1 v7 idle', 'worker.1 v7 idle'], []]))
    expect(at.dynos.web(appId)).toEqual({up: [], starting: false, crashed: false, idle: true})
    for (const dyno of ['web.1', 'worker.1'])
      expect(at.log.of(dyno)).toEqual([
        'Idling',
        'State changed from up to down',
        'Stopping all processes with SIGTERM',
        'Process exited with status 143',
      ])
    expect(at.plans.join('')).toContain('stop web.1  # idle')
  })

  it('wake together when they are told to, and only once', async () => {
    await using at = await asleep()
    at.log.lines.length = 0
    at.dynos.wake(appId)
    at.dynos.wake(appId)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up']))
    expect(at.log.of('web.1')).toEqual([
      'Unidling',
      'State changed from down to starting',
      'Starting process with command `serve web`',
      'State changed from starting to up',
    ])
    expect(at.log.of('worker.1').slice(0, 2)).toEqual(['Unidling', 'State changed from down to starting'])
    await pass(at, 31)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle']))
  })

  it('stay awake half an hour from the last request', async () => {
    await using at = await awake()
    await pass(at, 25)
    request(at)
    await pass(at, 28)
    expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up'])
    await pass(at, 4)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle']))
  })

  it('do not sleep while the router has a request, however long', async () => {
    let open = true
    await using at = await awake(eco, () => (open ? new Promise(() => undefined) : Promise.resolve()))
    await pass(at, 60)
    expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up'])
    open = false
    await pass(at, 3)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle']))
  })

  it('sleep on when the runtime is killed, since the same moment, and wake then', async () => {
    await using at = await asleep()
    const since = at.dynos.list(appId)[0]?.since
    at.log.lines.length = 0
    await at.restartRuntime()
    expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle'])
    expect(at.dynos.list(appId)[0]?.since).toEqual(since)
    expect(at.log.lines).toEqual([])
    at.dynos.wake(appId)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up']))
    expect(at.log.of('web.1')[1]).toBe('State changed from down to starting')
  })

  it('are stopped by the next runtime when one was killed before it stopped them', async () => {
    await using at = await asleep()
    const row = at.store.get('SELECT * FROM sleeps') as {app_id: string; key: string; since: string}
    at.dynos.wake(appId)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up', 'worker.1 v7 up']))
    at.store.run('INSERT INTO sleeps (app_id, key, since) VALUES (?, ?, ?)', row.app_id, row.key, row.since)
    await at.restartRuntime()
    await eventually(async () => expect([at.ps(), await at.running()]).toEqual([['web.1 v7 idle', 'worker.1 v7 idle'], []]))
  })

  it('count the time before a restart of the runtime', async () => {
    await using at = await awake()
    await pass(at, 25)
    await at.restartRuntime()
    await pass(at, 7)
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle']))
  })

  it.each([
    ['a release', (at: World) => at.want({...eco, version: 8}), ['web.1 v8 up', 'worker.1 v8 up']],
    ['a scale', (at: World) => at.want({...eco, formation: {web: 2, worker: 0}}), ['web.1 v7 up', 'web.2 v7 up']],
    ['another size', (at: World) => at.want({...eco, size: 'Basic'}), ['web.1 v7 up', 'worker.1 v7 up']],
    ['a restart', (at: World) => at.dynos.restart(appId, {}), ['web.1 v7 up', 'worker.1 v7 up']],
  ])('are woken by %s', async (_, change, dynos) => {
    await using at = await asleep()
    await change(at)
    await eventually(() => expect(at.ps()).toEqual(dynos))
  })

  it('are not woken by ps:stop, and are gone when scaled to 0', async () => {
    await using at = await asleep()
    await at.dynos.stop(appId, {dyno: 'web.1'})
    await at.dynos.converge(appId, 'again')
    expect(at.ps()).toEqual(['web.1 v7 idle', 'worker.1 v7 idle'])
    await at.want({...eco, formation: {web: 0, worker: 0}})
    expect(at.ps()).toEqual([])
  })

  it('leave dynos of other sizes running', async () => {
    await using at = await awake({...eco, formation: {web: 1, worker: 1, clock: 1}, sizes: {worker: 'Basic'}})
    await pass(at, 31)
    await eventually(async () => expect(at.ps()).toEqual(['clock.1 v7 idle', 'web.1 v7 idle', 'worker.1 v7 up']))
  })

  it.each([
    ['workers alone', {...eco, formation: {web: 0, worker: 1}}],
    ['another size', {...eco, size: 'Standard-1X'}],
  ])('of %s never sleep', async (_, shape) => {
    await using at = await awake(shape)
    const before = at.ps()
    await pass(at, 90)
    expect(at.ps()).toEqual(before)
  })
})

describe('the time until they sleep', () => {
  it.each([
    [undefined, idleMs],
    ['5', 300_000],
    ['0.05', 3000],
    ['0', undefined],
    ['soon', idleMs],
  ])('with HOKKU_ECO_SLEEP=%s is %s ms', (given, ms) => {
    expect(idleTime({HOKKU_ECO_SLEEP: given})).toBe(ms)
  })
})
