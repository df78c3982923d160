import {setTimeout as sleep} from 'node:timers/promises'
import {freePort} from '../test/support/free-port.js'
import type {World} from '../test/support/world.js'
import type {Bench} from './bench.js'
import {ExpressApp} from './express-app.js'
import {fillHome} from './fill-home.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

const full = {apps: 1000, releases: 100_000, logLines: 1_000_000}
/** As good as empty; the app that is looked at has as much as its commands print. */
const empty = {apps: 1, releases: 200, logLines: 400}

const commands = [
  'apps',
  ...['apps:info', 'ps', 'releases', 'releases:info', 'config', 'domains', 'addons', 'builds', 'logs -n 100'],
] as const

/** A home with an app that answers; `app` is the one with the largest share. */
interface Filled {
  world: World
  app: ExpressApp
}

/** What a full home costs: start-up, list and info commands, logs and a push, each against the same in a home with one app. */
export async function catalogueRows(bench: Bench): Promise<BenchRow[]> {
  const few = await filled(bench, empty)
  const many = await filled(bench, full)
  const rows: BenchRow[] = []
  for (const [what, measure, rounds] of measurements(bench)) {
    const found = await medians(rounds, {many: () => measure(many), few: () => measure(few)})
    rows.push(atMost(1.5, {what: `${what} in a full home (floor: in an empty one)`, value: found.many, floor: found.few, unit: 'ms'}))
  }
  return rows
}

type Measurement = [what: string, measure: (home: Filled) => Promise<number>, rounds: number]

function measurements({rounds}: Bench): Measurement[] {
  return [
    ['start-up until a command is answered', home => startUp(home, ['config', '--app', home.app.name]), rounds],
    ['start-up until dynos are known', home => startUp(home, ['ps', '--app', home.app.name]), rounds],
    ...commands.map((command): Measurement => [`hokku ${command}`, home => time(() => home.world.ok(wordsOf(command, home))), rounds * 2]),
    ['hokku logs --tail until the first line', firstLine, rounds * 2],
    ['code-only git push until the new release answers', push, rounds],
  ]
}

function wordsOf(command: string, {app}: Filled): string[] {
  return [...command.split(' '), ...(command === 'apps' ? [] : ['--app', app.name])]
}

/** The app with the largest share is an app that runs. */
async function filled(bench: Bench, holdings: typeof full): Promise<Filled> {
  let name = ''
  const world = await bench.world(async made => {
    // Kept over restarts of the runtime, during which somebody else might take the usual one.
    made.env['HOKKU_API_PORT'] = String(await freePort())
    name = await fillHome(made, holdings)
  })
  const app = await ExpressApp.of(world, name)
  // What it has was never built: the first push brings the first slug that can run.
  const {exitCode, stderr} = await world.push(app.folder)
  if (exitCode !== 0) throw new Error(`git push ended with ${exitCode}:\n${stderr}`)
  await world.ok(['ps:scale', 'web=1', '--app', name])
  await app.push(await app.change())
  await app.settled(1)
  return {world, app}
}

async function startUp({world}: Filled, command: string[]): Promise<number> {
  await world.ok('runtime:stop')
  return await time(() => world.ok(command))
}

async function firstLine({world, app}: Filled): Promise<number> {
  const began = performance.now()
  const tail = world.follow(`logs --tail --num 1 --app ${app.name}`)
  while (tail.text() === '') await sleep(1)
  const took = performance.now() - began
  tail.stop()
  return took
}

async function push({app}: Filled): Promise<number> {
  const took = await app.push(await app.change())
  await app.settled(1)
  await sleep(500)
  return took
}
