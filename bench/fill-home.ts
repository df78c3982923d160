import {cp, mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {Apps} from '../src/lib/runtime/apps/apps.js'
import {BuildTable} from '../src/lib/runtime/builds/build-table.js'
import {ConfigVars} from '../src/lib/runtime/config-vars/config-vars.js'
import {Domains} from '../src/lib/runtime/domains/domains.js'
import {Formations} from '../src/lib/runtime/formation/formations.js'
import {Repositories} from '../src/lib/runtime/git/repositories.js'
import {createLogplex} from '../src/lib/runtime/logplex/create-logplex.js'
import type {Logplex} from '../src/lib/runtime/logplex/logplex.js'
import {ReleaseTable} from '../src/lib/runtime/releases/release-table.js'
import {Slugs} from '../src/lib/runtime/slugs/slugs.js'
import {openStore} from '../src/lib/runtime/store/store.js'
import {systemClock} from '../src/lib/runtime/support/clock.js'
import {silentLog} from '../src/lib/runtime/support/runtime-log.js'
import {loadSeal} from '../src/lib/runtime/support/seal.js'
import {type Home, resolveHome} from '../src/lib/schema/home.js'
import type {World} from '../test/support/world.js'

/** What a home holds, of all apps together. One app, the last, has half of the lines and a tenth of the releases. */
export interface Holdings {
  apps: number
  releases: number
  logLines: number
}

/** Releases of one slug: a push, then as many changes of config vars. */
const releasesPerBuild = 5

const userEmail = 'bench@example.com'
const processTypes = {web: 'node server.js', worker: 'node worker.js'}

/**
 * Fills the home of a world whose runtime has not started, through the runtime's own tables and logplex. No dyno is wanted. Returns the
 * name of the app with the largest share.
 */
export async function fillHome(world: World, holdings: Holdings): Promise<string> {
  const home = resolveHome(world.env)
  await mkdir(home.root, {recursive: true, mode: 0o700})
  const store = await openStore(home.store)
  const logplex = createLogplex({directory: home.logs, store, clock: systemClock, log: silentLog})
  const tables = {
    apps: new Apps(store, systemClock),
    builds: new BuildTable(store, systemClock),
    configVars: new ConfigVars(store, loadSeal(home.key, store)),
    domains: new Domains(store, systemClock),
    formations: new Formations(store, systemClock, logplex),
    releases: new ReleaseTable(store, loadSeal(home.key, store), systemClock),
    slugs: new Slugs(store, systemClock),
  }
  const shares = sharesOf(holdings)
  store.transaction(() => {
    for (const share of shares) fillApp(tables, share)
  })
  for (const {id, name} of tables.apps.list()) fillLog(logplex, id, shares.find(share => share.name === name)!.logLines)
  await logplex.close()
  await makeRepositories(home, tables.apps.list())
  // One transaction made all that: as a home has it that grew by and by, with a short log of what is not in the file yet.
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  store.close()
  return shares.at(-1)!.name
}

interface Share {
  name: string
  releases: number
  logLines: number
}

function sharesOf({apps, releases, logLines}: Holdings): Share[] {
  const others = Math.max(1, apps - 1)
  const [releasesOfLargest, linesOfLargest] = [Math.ceil(releases / 10), Math.ceil(logLines / 2)]
  return Array.from({length: apps}, (_, index) => {
    const largest = index === apps - 1
    return {
      name: `app-${index + 1}`,
      releases: largest ? releasesOfLargest : Math.ceil((releases - releasesOfLargest) / others),
      logLines: largest ? linesOfLargest : Math.ceil((logLines - linesOfLargest) / others),
    }
  })
}

interface Tables {
  apps: Apps
  builds: BuildTable
  configVars: ConfigVars
  domains: Domains
  formations: Formations
  releases: ReleaseTable
  slugs: Slugs
}

function fillApp({apps, builds, configVars, domains, formations, releases, slugs}: Tables, {name, releases: count}: Share): void {
  const {id: appId} = apps.create({name})
  const unchanged = {appId, status: 'succeeded' as const, userEmail, addonConfig: {}, attachments: [], addonPlanNames: []}
  let slugId = ''
  for (let version = 1; version <= count; version += 1) {
    if (version % releasesPerBuild === 1) slugId = fillBuild(builds, slugs, appId, version)
    const userConfig = configOf(version)
    const description = 'Set VERSION config vars'
    const release = releases.insert({...unchanged, slugId, description, userConfig, outputId: undefined})
    if (version === count) releases.succeed(release)
  }
  configVars.replace(appId, configOf(count))
  domains.add(appId, `${name}.example.com`)
  formations.follow(appId, processTypes, userEmail)
  formations.scale(appId, [{type: 'web', quantity: 0}], userEmail)
}

function fillBuild(builds: BuildTable, slugs: Slugs, appId: string, number: number): string {
  const commit = number.toString(16).padStart(40, '0')
  const build = builds.insert({
    appId,
    stack: 'heroku-24',
    buildpacks: undefined,
    sourceUrl: 'git',
    sourceVersion: commit,
    sourceDescription: undefined,
    sourceChecksum: undefined,
    userEmail,
  })
  const slug = slugs.add({
    appId,
    image: `sha256:${commit.padStart(64, '0')}`,
    stack: 'heroku-24',
    processTypes,
    commit,
    commitDescription: undefined,
    buildpackDescription: 'Node.js',
    size: 1_000_000,
  })
  builds.finish(build.id, 'succeeded', {slugId: slug.id, buildpacks: ['heroku/nodejs']})
  return slug.id
}

/** What an app has: some words, a database's URL, a secret. */
function configOf(version: number): Record<string, string> {
  return {
    DATABASE_URL: 'postgres://u3v9k2m1c8x7z6:p0d1f2e3a4b5c6d7e8f9@ec2-1-2-3-4.compute-1.example.com:5432/d8f7g6h5j4k3l2',
    LANG: 'en_US.UTF-8',
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
    RAILS_SERVE_STATIC_FILES: 'enabled',
    SECRET_KEY_BASE: 'f'.repeat(128),
    VERSION: String(version),
    WEB_CONCURRENCY: '2',
  }
}

/** Lines as router and dynos write them, a second apart up to now. */
function fillLog(logplex: Logplex, appId: string, lines: number): void {
  const now = Date.now()
  for (let number = 1; number <= lines; number += 1) {
    const at = new Date(now - (lines - number) * 1000)
    if (number % 2 === 0) logplex.append(appId, {at, source: 'app', ps: 'web.1', message: `request ${number} took ${number % 97} ms`})
    else {
      const path = `at=info method=GET path="/items/${number}" host=app.example.com request_id=8601b555 fwd="127.0.0.1" dyno=web.1`
      logplex.append(appId, {
        at,
        source: 'heroku',
        ps: 'router',
        message: `${path} connect=0ms service=${number % 97}ms status=200 bytes=512`,
      })
    }
  }
}

/** Every app has one from the day it is made. */
async function makeRepositories(home: Home, apps: {id: string; name: string}[]): Promise<void> {
  const repositories = new Repositories(home.git, {command: ['true'], socket: home.socket, home: home.root})
  const [first, ...others] = apps
  const made = await repositories.ensure(first!.id)
  await repositories.link(first!)
  for (const app of others) {
    await cp(made, join(home.git, `${app.id}.git`), {recursive: true})
    await repositories.link(app)
  }
}
