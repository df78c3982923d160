import {randomBytes, randomUUID} from 'node:crypto'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {type Addons, createAddons} from '../../src/lib/runtime/addons/create-addons.js'
import type {AppRecord} from '../../src/lib/runtime/apps/app-record.js'
import {Apps} from '../../src/lib/runtime/apps/apps.js'
import {hostTrust} from '../../src/lib/runtime/slugs/host-trust.js'
import type {Store} from '../../src/lib/runtime/store/store.js'
import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'
import type {LogEntry} from '../../src/lib/runtime/support/log-sink.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../src/lib/runtime/support/seal.js'
import {SealedFiles} from '../../src/lib/runtime/support/sealed-files.js'
import {makeAuthority, makeLeaf} from '../../src/lib/runtime/support/x509.js'
import {catalogueDirectory, catalogueServices} from './catalogue-directory.js'
import {scratchStore} from './unsynced-store.js'

export {catalogueDirectory} from './catalogue-directory.js'

export interface Released {
  app: string
  description: string
  user: string
  addonConfigOnly: boolean
  /** Names of the add-ons' config vars in that release. */
  configVars: string[]
}

/** Add-ons with two apps, demo and other, and a releaser that writes down what it cuts. */
export interface AddonWorld extends AsyncDisposable {
  engine: Engine
  addons: Addons
  apps: Apps
  demo: AppRecord
  other: AppRecord
  store: Store
  seal: Seal
  home: string
  /** Folder of the snapshots. */
  snapshots: string
  released: Released[]
  /** Messages of the apps' logs. */
  logged: string[]
  /** What a new runtime would see: the same store, nothing remembered; the same engine unless another is given. */
  again(engine?: Engine): Addons
}

export interface WorldOptions {
  engine: Engine
  clock?: Clock
  catalogueDirectory?: string
  random?: (count: number) => Uint8Array
  /** Called for every release before it counts as cut; may throw as a killed runtime would. */
  onCut?: (description: string) => void
}

export async function addonWorld(options: WorldOptions): Promise<AddonWorld> {
  const clock = options.clock ?? systemClock
  const store = await scratchStore()
  const apps = new Apps(store, clock)
  const [demo, other] = [apps.create({name: 'demo'}), apps.create({name: 'other'})]
  const home = randomUUID()
  const released: Released[] = []
  const logged: string[] = []
  const seal = new Seal(randomBytes(32))
  const snapshots = await mkdtemp(join(tmpdir(), 'hk-snapshots-'))
  const {signer} = makeAuthority('test CA', ['localhost', '127.0.0.1', '::1'], validity(1))
  const made: Addons[] = []
  const make = (engine = options.engine): Addons => {
    const addons: Addons = createAddons({
      engine,
      store,
      seal,
      clock,
      log: silentLog,
      logs: {append: (_app: string, entry: LogEntry) => void logged.push(entry.message)},
      names: engineNames(home),
      home,
      apiUrl: () => 'http://127.0.0.1:5080',
      servedPage: () => undefined,
      drains: {ensure: () => undefined, removeOf: async () => undefined},
      releaser: {
        async cut(appId, description, {user, addonConfigOnly}, alongside) {
          const app = apps.resolve(appId)
          options.onCut?.(description)
          released.push({app: app.name, description, user, addonConfigOnly, configVars: Object.keys(addons.configVars(appId, 'dyno'))})
          alongside()
          return {version: released.length}
        },
      },
      resolveApp: name => apps.resolve(name),
      authority: {issue: (names, days) => makeLeaf(signer, names, validity(days))},
      servicesDirectory: join(snapshots, 'services'),
      catalogueDirectory: options.catalogueDirectory ?? catalogueDirectory,
      ownServices: options.catalogueDirectory === undefined ? catalogueServices() : undefined,
      random: options.random ?? randomBytes,
      trust: () => hostTrust(process.env),
      snapshotFiles: new SealedFiles(snapshots, seal.keyFor('snapshots'), 'tar.gz'),
    })
    made.push(addons)
    return addons
  }
  return {
    engine: options.engine,
    addons: make(),
    apps,
    demo,
    other,
    store,
    seal,
    home,
    snapshots,
    released,
    logged,
    again: make,
    async [Symbol.asyncDispose]() {
      for (const addons of made) await addons.close()
      await options.engine.removeAll({[label.home]: home})
      await rm(snapshots, {recursive: true, force: true})
      store.close()
    },
  }
}

function validity(days: number): {from: Date; to: Date} {
  return {from: new Date(Date.now() - 60_000), to: new Date(Date.now() + days * 86_400_000)}
}
