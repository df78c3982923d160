import {afterEach, beforeEach, expect, test} from 'vitest'
import {label} from '../../../../src/lib/engine/labels.js'
import {eventually} from '../../../support/eventually.js'
import {type MovableClock, shiftedClock} from '../../../support/movable-clock.js'
import type {TestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

let platform: TestPlatform
let clock: MovableClock
beforeEach(async () => {
  clock = shiftedClock()
  platform = await startDemo(undefined, {clock})
})
afterEach(() => platform[Symbol.asyncDispose]())

const json = async (command: string) => JSON.parse((await platform.run(`${command} --app demo --json`)).stdout)

test('a job is added, runs as a one-off dyno when its time comes, and is removed', async () => {
  const created = await platform.run('addons:create scheduler:standard --app demo')
  expect(created.exitCode).toBe(0)
  expect((await platform.run('releases --app demo')).stdout).toContain('Attach SCHEDULER')
  const added = await platform.run(['scheduler:jobs:add', 'echo polled', '--every-10-minutes', '--app', 'demo'])
  expect(added.stderr).toContain('done, job 1')
  expect(added.stdout).toContain('Every 10 minutes, first at ')

  clock.advance(10 * 60_000)
  await eventually(async () => expect((await json('scheduler:jobs'))[0].runs[0]).toMatchObject({state: 'succeeded', exit_code: 0}))
  const log = (await platform.run('logs --app demo --num 100')).stdout
  const dyno = /app\[api\]: Starting process with command `echo polled` by user scheduler@addons\.heroku\.com/
  expect(log).toMatch(dyno)
  expect(log).toMatch(/heroku\[scheduler\.\d{1,4}\]: Starting process with command `echo polled`/)
  expect(log).toMatch(/app\[scheduler\.\d{1,4}\]: polled/)
  expect(log).toMatch(/heroku\[scheduler\.\d{1,4}\]: Process exited with status 0/)
  expect(log).toMatch(/heroku\[scheduler\.\d{1,4}\]: State changed from up to complete/)
  expect((await platform.run('scheduler:jobs --app demo')).stdout).toMatch(/1\s+echo polled\s+Every 10 minutes\s+succeeded/)

  expect((await platform.run('scheduler:jobs:run 1 --app demo')).exitCode).toBe(0)
  await eventually(async () => expect((await json('scheduler:jobs:info 1')).runs).toHaveLength(2))
  expect((await platform.run('scheduler:jobs:info 1 --app demo')).stdout).toContain('=== Runs')

  expect((await platform.run('scheduler:jobs:remove 1 --app demo')).exitCode).toBe(1)
  expect((await platform.run('scheduler:jobs:remove 1 --app demo --confirm demo')).exitCode).toBe(0)
  expect(await json('scheduler:jobs')).toEqual([])
  expect(platform.errors).toEqual([])
})

test('times are said as on Heroku, or as a cron expression', async () => {
  await platform.run('addons:create scheduler --app demo')
  const add = async (...flags: string[]) => (await platform.run(['scheduler:jobs:add', 'work', ...flags, '--app', 'demo', '--json'])).stdout
  expect(JSON.parse(await add('--hourly', ':05'))).toMatchObject({number: 1, cron: '5 * * * *', frequency: 'Every hour at :05', size: null})
  expect(JSON.parse(await add('--daily', '02:30', '--timezone', 'Europe/Oslo', '--size', 'basic'))).toMatchObject({
    cron: '30 2 * * *',
    frequency: 'Every day at 02:30 Europe/Oslo',
    size: 'basic',
  })
  expect(JSON.parse(await add('--cron', '0 6 * * 1-5', '--catch-up'))).toMatchObject({cron: '0 6 * * 1-5', catch_up: true})
})

test('what is no time, no size or no job is refused', async () => {
  const fails = async (command: string) => {
    const {stderr, exitCode} = await platform.run(`${command} --app demo`)
    return `${exitCode} ${stderr}`
  }
  expect(await fails('scheduler:jobs')).toContain('demo has no scheduler. Add it with addons:create scheduler:standard.')
  await platform.run('addons:create scheduler --app demo')
  expect(await fails('scheduler:jobs:add work')).toMatch(/^2 .*Say when: --every-10-minutes/s)
  expect(await fails('scheduler:jobs:add work --daily 25:00')).toMatch(/^2 .*--daily 25:00 is no time/s)
  expect(await fails('scheduler:jobs:add work --hourly 60')).toMatch(/^2 .*--hourly 60 is no minute/s)
  expect(await fails('scheduler:jobs:add work --hourly 5 --daily 02:30')).toMatch(/^2 /)
  expect(await fails('scheduler:jobs:add work --hourly 5 --timezone Mars')).toContain('Mars')
  expect(await fails('scheduler:jobs:add work --hourly 5 --size huge')).toContain('No such dyno size: huge.')
  expect(await fails('scheduler:jobs:info 7')).toContain("Couldn't find that scheduled job.")
  expect(await fails('addons:create scheduler')).toMatch(/demo has scheduler-\S+ already, and an app can have one scheduler add-on only/)
})

test('the add-on has no container, and its jobs go with it', async () => {
  await platform.run('addons:create scheduler --app demo --name timer')
  await platform.run('scheduler:jobs:add work --hourly 5 --app demo')
  const addon = await platform.api<{id: string}>('GET', '/addons/timer')
  const {addons} = platform.runtime.services
  expect(await addons.moving.data(addons.get(addon.id), async () => 'data')).toBeUndefined()
  expect(platform.engine.builds).toEqual([])
  await platform.run('addons:destroy timer --app demo --confirm demo')
  expect(await platform.engine.observe({[label.addon]: addon.id})).toEqual([])
  expect(platform.runtime.services.addons.snapshots.list()).toEqual([])
  expect(platform.runtime.store.all('SELECT id FROM scheduled_jobs')).toEqual([])
})
