import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type Docker from 'dockerode'
import {socketTransport} from '../../src/lib/client/transport.js'
import type {ObservedContainer} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {type Home, resolveHome} from '../../src/lib/schema/home.js'
import type {App, Dyno, Formation} from '../../src/lib/schema/resources.js'
import type {World} from './world.js'

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `FAULT_SEED` repeats a run; else a new one, which is printed. */
export function faultSeed(suite: string): number {
  const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1_000_000_000))
  console.log(`${suite}: FAULT_SEED=${seed}`)
  return seed
}

interface ReleaseRow {
  version: number
  status: string
  current: boolean
  slug: {id: string} | null
  output_stream_url: string | null
}

/** What is true of one app at a moment, as the API tells it. */
export interface AppState {
  release: number
  formation: Record<string, number>
}

/** Looks at a home from outside: its API, its engine, its files. */
export class HomeUnderFault {
  readonly home: Home
  readonly call: ReturnType<typeof socketTransport>['call']
  private readonly docker: Docker

  constructor(
    private readonly world: World,
    readonly homeId: string,
  ) {
    this.home = resolveHome(world.env)
    this.call = socketTransport(this.home.socket).call
    this.docker = world.docker
  }

  async dynos(app?: string): Promise<ObservedContainer[]> {
    const found = await this.world.engine.observe({[label.home]: this.homeId, [label.kind]: 'dyno'})
    return found.filter(one => app === undefined || one.labels[label.appName] === app)
  }

  async running(app: string): Promise<string[]> {
    return (await this.dynos(app)).filter(one => one.state === 'running' && one.labels[label.oneOff] === undefined).map(one => one.id)
  }

  async stateOf(app: string): Promise<AppState> {
    const [releases, formation] = await Promise.all([this.releases(app), this.call<Formation[]>('GET', `/apps/${app}/formation`)])
    return {
      release: releases.find(one => one.current)?.version ?? 0,
      formation: Object.fromEntries(formation.map(one => [one.type, one.quantity])),
    }
  }

  releases(app: string): Promise<ReleaseRow[]> {
    return this.call<ReleaseRow[]>('GET', `/apps/${app}/releases`, {range: 'version ..; max=1000'})
  }

  /** Everything that is wrong, in words; empty when all is well. To be asked until it is, for at most the time recovery may take. */
  async faults(): Promise<string[]> {
    const apps = await this.call<App[]>('GET', '/apps')
    const found = await Promise.all([...apps.map(app => this.faultsOf(app)), this.strangers(apps), this.leftFiles(apps)])
    return found.flat()
  }

  private async faultsOf(app: App): Promise<string[]> {
    const builds = await this.call<{id: string; status: string}[]>('GET', `/apps/${app.name}/builds`, {range: 'created_at ..; max=1000'})
    const releases = await this.releases(app.name)
    const newest = Math.max(...releases.filter(one => one.status === 'succeeded').map(one => one.version))
    const versions = releases.map(one => one.version).sort((a, b) => a - b)
    return [
      ...builds.filter(one => one.status === 'pending').map(one => `build ${one.id} of ${app.name} is pending`),
      ...releases.filter(one => one.status === 'pending').map(one => `v${one.version} of ${app.name} is pending`),
      ...(releases.find(one => one.current)?.version === newest ? [] : [`the current release of ${app.name} is not v${newest}`]),
      ...(versions.every((version, index) => version === index + 1) ? [] : [`versions of ${app.name} are ${versions}`]),
      ...(await this.dynoFaults(app)),
      ...(await this.addonFaults(app)),
    ]
  }

  /** `ps` against what the engine runs and what the formation asks for. */
  private async dynoFaults(app: App): Promise<string[]> {
    const shown = await this.call<Dyno[]>('GET', `/apps/${app.name}/dynos`)
    const {formation, release} = await this.stateOf(app.name)
    const wanted = Object.entries(formation).flatMap(([type, quantity]) =>
      type === 'release' ? [] : Array.from({length: quantity}, (_, index) => `${type}.${index + 1} v${release}`),
    )
    const containers = (await this.dynos()).filter(one => one.labels[label.app] === app.id)
    const told = shown.map(one => `${one.name} v${one.release.version}`)
    const there = containers.map(one => `${one.labels[label.dyno]} v${one.labels[label.release]}`)
    return [
      ...differ(`ps of ${app.name} against the formation`, told, wanted),
      ...differ(`containers of ${app.name} against the formation`, there, wanted),
      ...shown.filter(one => one.state !== 'up').map(one => `${one.name} of ${app.name} is ${one.state}`),
      ...containers.filter(one => one.state !== 'running').map(one => `container ${one.name} is ${one.state}`),
    ]
  }

  private async addonFaults(app: App): Promise<string[]> {
    const addons = await this.call<{id: string; name: string; state: string; config_vars: string[]}[]>('GET', `/apps/${app.name}/addons`)
    const config = await this.call<Record<string, string>>('GET', `/apps/${app.name}/config-vars`)
    const containers = await this.world.engine.observe({[label.home]: this.homeId, [label.kind]: 'addon'})
    return addons.flatMap(addon => [
      ...(addon.state === 'provisioned' ? [] : [`${addon.name} is ${addon.state}`]),
      ...addon.config_vars.filter(name => config[name] === undefined).map(name => `${name} of ${addon.name} is not in the config`),
      ...(containers.some(one => one.labels[label.addon] === addon.id && one.state === 'running') ? [] : [`${addon.name} does not run`]),
    ])
  }

  /** Containers, networks and volumes that belong to nothing. */
  private async strangers(apps: App[]): Promise<string[]> {
    const filters = JSON.stringify({label: [`${label.home}=${this.homeId}`]})
    const [containers, networks, volumes] = await Promise.all([
      this.world.engine.observe({[label.home]: this.homeId}),
      this.docker.listNetworks({filters}),
      this.docker.listVolumes({filters}),
    ])
    const ids = new Set(apps.map(app => app.id))
    const addons = new Set(
      (await Promise.all(apps.map(app => this.call<{id: string}[]>('GET', `/apps/${app.name}/addons`)))).flat().map(one => one.id),
    )
    const strange = (labels: Record<string, string> = {}): boolean =>
      (labels[label.app] !== undefined && !ids.has(labels[label.app] as string)) ||
      (labels[label.addon] !== undefined && !addons.has(labels[label.addon] as string))
    return [
      ...containers.filter(one => strange(one.labels)).map(one => `container ${one.name} belongs to nothing`),
      ...networks.filter(one => strange(one.Labels)).map(one => `network ${one.Name} belongs to nothing`),
      ...(volumes.Volumes ?? []).filter(one => strange(one.Labels)).map(one => `volume ${one.Name} belongs to nothing`),
    ]
  }

  private async leftFiles(apps: App[]): Promise<string[]> {
    const outputs = new Set<string>()
    for (const app of apps) {
      const builds = await this.call<{id: string}[]>('GET', `/apps/${app.name}/builds`, {range: 'created_at ..; max=1000'})
      for (const {id} of builds) outputs.add(`${id}.log`)
      for (const {output_stream_url: url} of await this.releases(app.name))
        outputs.add(`${/release-[0-9a-f-]{36}/.exec(url ?? '')?.[0]}.log`)
    }
    const known = new Set(apps.map(app => app.id))
    const stray = async (folder: string, belongs: (name: string) => boolean): Promise<string[]> =>
      (await readdir(folder)).filter(name => !belongs(name)).map(name => `${folder}/${name} belongs to nothing`)
    const repositories = (await readdir(this.home.git)).filter(name => known.has(name.replace(/\.git$/, '')))
    const incoming = await Promise.all(
      repositories.map(name => stray(join(this.home.git, name, 'objects'), one => !/incoming|^tmp_/.test(one))),
    )
    return [
      ...(await stray(this.home.builds, name => outputs.has(name))),
      ...(await stray(this.home.logs, name => known.has(name))),
      ...incoming.flat(),
    ]
  }
}

function differ(what: string, is: string[], should: string[]): string[] {
  const [a, b] = [[...is].sort().join(', '), [...should].sort().join(', ')]
  return a === b ? [] : [`${what}: ${a || 'none'} instead of ${b || 'none'}`]
}
