import {afterEach, beforeEach, expect, test} from 'vitest'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import type {AppRecord} from '../../../../src/lib/runtime/apps/app-record.js'
import {deferred} from '../../../../src/lib/runtime/dynos/deferred.js'
import type {DynoView, OneOffRequest} from '../../../../src/lib/runtime/dynos/dyno-manager.js'
import {JobTable} from '../../../../src/lib/runtime/scheduler/job-table.js'
import {Scheduler, type WantedJob} from '../../../../src/lib/runtime/scheduler/scheduler.js'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {eventually} from '../../../support/eventually.js'
import {memoryStore} from '../../../support/memory-store.js'
import {type MovableClock, movableClock} from '../../../support/movable-clock.js'

const minute = 60_000
const demo = {id: 'app-1', name: 'demo'} as AppRecord
const addon = {id: 'addon-1', appId: demo.id, service: 'scheduler'} as AddonRecord
const poll: WantedJob = {command: 'poll', cron: '*/10 * * * *', timezone: 'UTC', size: undefined, catchUp: false}

let store: Store
let clock: MovableClock
let started: OneOffRequest[]
let ends: ReturnType<typeof deferred<number>>[]
let adopted: Map<string, Promise<number>>
let logged: string[]
let scheduler: Scheduler

beforeEach(async () => {
  store = (await memoryStore()).store
  const now = '2026-11-29T10:03:00Z'
  store.run(
    "INSERT INTO apps (id, name, stack, build_stack, region, created_at, updated_at) VALUES (?, 'demo', 'heroku-24', 'heroku-24', 'us', ?, ?)",
    ...[demo.id, now, now],
  )
  store.run(
    `INSERT INTO addons (id, app_id, name, service, plan, state, options, credentials_sealed, created_at, updated_at)
     VALUES (?, ?, 'scheduler-flat-1', 'scheduler', 'standard', 'provisioned', '{}', '', ?, ?)`,
    ...[addon.id, demo.id, now, now],
  )
  clock = movableClock(new Date(now))
  started = []
  ends = []
  adopted = new Map()
  logged = []
  scheduler = runtime()
  scheduler.start()
})
afterEach(async () => {
  await scheduler.close()
  store.close()
})

/** A scheduler as a runtime has it: the store is the same for all, dynos are named after how many there were. */
function runtime(): Scheduler {
  return new Scheduler({
    table: new JobTable(store),
    addons: {listOf: appId => (appId === demo.id ? [addon] : [])},
    dynos: {
      async runOneOff(request) {
        if (request.command === 'refused') throw new Error('Cannot run more than 50 Basic size dynos.')
        started.push(request)
        const end = deferred<number>()
        ends.push(end)
        return {dyno: {name: `scheduler.${started.length}`} as DynoView, secret: undefined, ended: end.promise}
      },
      takeScheduledRun: (appId, dyno) => {
        const ended = adopted.get(`${appId}/${dyno}`)
        return ended === undefined ? undefined : {dyno, ended: ended.then(code => ({code, output: Buffer.alloc(0)}))}
      },
    },
    logplex: {append: (_app, {source, ps, message}) => void logged.push(`${source}[${ps}]: ${message}`)},
    clock,
    log: silentLog,
  })
}

/** As a kill and a start would: what ran goes on without its runtime. */
async function restarted(awayMs = 0): Promise<void> {
  await scheduler.close()
  clock.advance(awayMs)
  scheduler = runtime()
  scheduler.start()
}

const states = (): string[] => scheduler.jobs(demo).flatMap(job => scheduler.runs(job).map(run => run.state))
const runsBegun = (count: number): Promise<void> => eventually(() => expect(started).toHaveLength(count))

test('a job runs when it is due, again and again, as a dyno of type scheduler', async () => {
  scheduler.add(demo, poll)
  clock.advance(6 * minute)
  clock.advance(minute)
  await runsBegun(1)
  expect(started[0]).toMatchObject({appId: 'app-1', command: 'poll', type: 'scheduler', user: 'scheduler@addons.heroku.com', log: true})
  await eventually(() => expect(states()).toEqual(['running']))
  ends[0]?.resolve(0)
  await eventually(() => expect(states()).toEqual(['succeeded']))
  clock.advance(10 * minute)
  await runsBegun(2)
  ends[1]?.resolve(3)
  await eventually(() => expect(states()).toEqual(['failed', 'succeeded']))
  expect(scheduler.runs(scheduler.job(demo, '1'))[0]).toMatchObject({exitCode: 3, dyno: 'scheduler.2'})
})

test('nothing runs before its time', async () => {
  scheduler.add(demo, poll)
  for (let passed = 0; passed < 6.5 * minute; passed += minute / 2) {
    clock.advance(minute / 2)
    await Promise.resolve()
  }
  expect(started).toEqual([])
  expect(states()).toEqual([])
})

test('a runtime that starts again within ten minutes misses nothing', async () => {
  scheduler.add(demo, poll)
  await restarted(9 * minute)
  await runsBegun(1)
  expect(logged).toEqual([])
})

test('a later run is missed, once for the whole absence, and said in the log', async () => {
  scheduler.add(demo, poll)
  await restarted(180 * minute)
  await eventually(() => expect(states()).toEqual(['missed']))
  expect(started).toEqual([])
  expect(logged).toEqual(['heroku[scheduler]: Missed a run of job 1, `poll`: The runtime was not running at 2026-11-29T10:10:00Z.'])
  expect(scheduler.job(demo, '1').dueAt.toISOString()).toBe('2026-11-29T13:10:00.000Z')
})

test('with catch-up it is made up for, once', async () => {
  scheduler.add(demo, {...poll, catchUp: true})
  await restarted(180 * minute)
  await runsBegun(1)
  await eventually(() => expect(states()).toEqual(['running', 'missed']))
})

test('a dyno that outlives its runtime is followed to its end by the next', async () => {
  scheduler.add(demo, poll)
  clock.advance(7 * minute)
  await eventually(() => expect(states()).toEqual(['running']))
  const end = deferred<number>()
  adopted.set('app-1/scheduler.1', end.promise)
  await restarted()
  expect(states()).toEqual(['running'])
  end.resolve(4)
  await eventually(() => expect(states()).toEqual(['failed']))
  expect(started).toHaveLength(1)
})

test('one whose dyno is gone is lost, not run again', async () => {
  scheduler.add(demo, poll)
  clock.advance(7 * minute)
  await eventually(() => expect(states()).toEqual(['running']))
  await restarted()
  await eventually(() => expect(states()).toEqual(['lost']))
  expect(started).toHaveLength(1)
})

test('a kill between the row and the dyno starts it again', async () => {
  const job = scheduler.add(demo, poll)
  await scheduler.close()
  new JobTable(store).insertRun(job.id, clock.now())
  await restarted()
  await runsBegun(1)
})

test('a dyno that is refused is a failed run, and said in the log', async () => {
  const job = scheduler.add(demo, {...poll, command: 'refused'})
  scheduler.run(job)
  await eventually(() => expect(states()).toEqual(['failed']))
  expect(scheduler.runs(job)[0]?.message).toBe('Cannot run more than 50 Basic size dynos.')
  expect(logged).toEqual(['heroku[scheduler]: Job 1, `refused`, did not start: Cannot run more than 50 Basic size dynos.'])
})

test('a job that is removed runs no more, and only the last runs are remembered', async () => {
  const job = scheduler.add(demo, poll)
  for (let run = 1; run <= 30; run += 1) {
    clock.advance(10 * minute)
    await runsBegun(run)
    ends.at(-1)?.resolve(0)
    await eventually(() => expect(states()[0]).toBe('succeeded'))
  }
  expect(states().length).toBeLessThanOrEqual(26)
  scheduler.remove(job)
  clock.advance(60 * minute)
  await Promise.resolve()
  expect(started).toHaveLength(30)
})

test('an app without the add-on has no jobs, and learns how to get one', () => {
  expect(() => scheduler.jobs({id: 'app-2', name: 'other'} as AppRecord)).toThrow(
    'other has no scheduler. Add it with addons:create scheduler:standard.',
  )
})
