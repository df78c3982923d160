import {mkdir} from 'node:fs/promises'
import {Apps} from '../src/lib/runtime/apps/apps.js'
import {Formations} from '../src/lib/runtime/formation/formations.js'
import {ReleaseTable} from '../src/lib/runtime/releases/release-table.js'
import {Slugs} from '../src/lib/runtime/slugs/slugs.js'
import {openStore} from '../src/lib/runtime/store/store.js'
import {systemClock} from '../src/lib/runtime/support/clock.js'
import {loadSeal} from '../src/lib/runtime/support/seal.js'
import {resolveHome} from '../src/lib/schema/home.js'
import type {World} from '../test/support/world.js'
import type {Bench} from './bench.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

const commands = [
  'apps',
  'apps:info -a app-5',
  'ps -a app-5',
  'releases -a app-5',
  'releases:info -a app-5',
  'config -a app-5',
  'domains -a app-5',
]

/** List and info commands in a home with 1,000 apps of 100 releases each, against one with 10 such apps. */
export async function catalogueRows(bench: Bench): Promise<BenchRow[]> {
  const few = await bench.world(world => seed(world, 10, 100))
  const many = await bench.world(world => seed(world, 1000, 100))
  const rows: BenchRow[] = []
  for (const command of commands) {
    const found = await medians(bench.rounds * 2, {
      many: () => time(() => many.ok(command)),
      few: () => time(() => few.ok(command)),
    })
    const what = `hokku ${command.replace(' -a app-5', '')} at 1,000 apps, 100,000 releases (floor: at 10 apps)`
    rows.push(atMost(1.5, {what, value: found.many, floor: found.few, unit: 'ms'}))
  }
  return rows
}

/** Fills the store of a home whose runtime has not started. No dyno is wanted, so nothing will run. */
async function seed(world: World, apps: number, releasesEach: number): Promise<void> {
  const home = resolveHome(world.env)
  await mkdir(home.root, {recursive: true, mode: 0o700})
  const store = await openStore(home.store)
  const seal = loadSeal(home.key, store)
  const tables = {
    apps: new Apps(store, systemClock),
    formations: new Formations(store, systemClock, {append: () => undefined}),
    releases: new ReleaseTable(store, seal, systemClock),
    slugs: new Slugs(store, systemClock),
  }
  store.transaction(() => {
    for (let number = 1; number <= apps; number += 1) seedApp(tables, `app-${number}`, releasesEach)
  })
  store.close()
}

interface Tables {
  apps: Apps
  formations: Formations
  releases: ReleaseTable
  slugs: Slugs
}

function seedApp({apps, formations, releases, slugs}: Tables, name: string, count: number): void {
  const processTypes = {web: 'node server.js', worker: 'node worker.js'}
  const userEmail = 'bench@example.com'
  const {id: appId} = apps.create({name})
  const slug = slugs.add({
    appId,
    image: `sha256:${'0'.repeat(64)}`,
    stack: 'heroku-24',
    processTypes,
    commit: undefined,
    commitDescription: undefined,
    buildpackDescription: 'Node.js',
    checksum: undefined,
    size: 1,
  })
  for (let version = 1; version <= count; version += 1) {
    const release = releases.insert({
      appId,
      slugId: slug.id,
      description: `Set VERSION config vars`,
      status: 'succeeded',
      userEmail,
      userConfig: {NODE_ENV: 'production', VERSION: String(version)},
      addonConfig: {},
      attachments: [],
      addonPlanNames: [],
      outputId: undefined,
    })
    if (version === count) releases.succeed(release)
  }
  formations.follow(appId, processTypes, userEmail)
  formations.scale(appId, [{type: 'web', quantity: 0}], userEmail)
}
