import {afterAll, beforeAll, expect, it} from 'vitest'
import type {ScheduledJob} from '../../src/lib/schema/scheduled-job.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

let world: World
let folder: string
beforeAll(async () => {
  world = await World.start()
  folder = await world.project('timed', {Dockerfile: 'FROM debian:13-slim\nCMD ["sleep", "infinity"]\n'})
  await world.ok('create timed --stack container', folder)
  expect((await world.push(folder)).exitCode).toBe(0)
  await world.ok('addons:create scheduler:standard', folder)
})
afterAll(() => world?.[Symbol.asyncDispose]())

const job = async (number: number): Promise<ScheduledJob> => await world.json<ScheduledJob>(`scheduler:jobs:info ${number}`, folder)

it('a job runs by itself at its minute, in a dyno of the app', async () => {
  await world.ok('config:set GREETING=hello', folder)
  await world.ok(['scheduler:jobs:add', 'echo "$GREETING from $DYNO"', '--cron', '* * * * *', '--size', 'standard-2x'], folder)
  await eventually(async () => expect((await job(1)).runs[0]).toMatchObject({state: 'succeeded', exit_code: 0}), 120_000)
  const {runs} = await job(1)
  const dyno = runs.at(-1)?.dyno?.name as string
  expect(dyno).toMatch(/^scheduler\.\d{1,4}$/)
  const log = await world.ok('logs --num 200', folder)
  expect(log).toContain(`app[${dyno}]: hello from ${dyno}\n`)
  expect(log).toMatch(/app\[api\]: Starting process with command `echo .*` by user scheduler@addons\.heroku\.com\n/)
  await world.ok('scheduler:jobs:remove 1 --confirm timed', folder)
})

it('a dyno goes on when the runtime is killed, and the next one tells how it ended', async () => {
  await world.ok(
    ['scheduler:jobs:add', 'for i in 1 2 3 4 5 6 7 8 9 10; do echo step $i; sleep 1; done; exit 3', '--daily', '03:00'],
    folder,
  )
  await world.ok('scheduler:jobs:run 1', folder)
  await eventually(async () => expect(await world.ok('logs --num 200', folder)).toContain('step 2'), 60_000)
  process.kill(await world.runtimePid(), 'SIGKILL')
  await new Promise(resolve => setTimeout(resolve, 1500))
  expect((await job(1)).runs).toMatchObject([{state: 'running'}])
  await eventually(async () => expect((await job(1)).runs).toMatchObject([{state: 'failed', exit_code: 3}]), 60_000)
  const steps = [...(await world.ok('logs --num 200', folder)).matchAll(/: step (\d+)\n/g)].map(match => Number(match[1]))
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})
