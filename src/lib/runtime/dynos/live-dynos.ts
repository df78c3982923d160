import type {HealthCheck} from '../../schema/health-checks.js'
import type {DynoState} from '../../schema/resources.js'
import {type Deferred, deferred} from './deferred.js'

/** A dyno whose container exists or is being made; rebuilt from container labels when the runtime starts. */
export interface LiveDyno {
  /** UUID. */
  readonly id: string
  /** Container name: unique among all live dynos. */
  readonly container: string
  readonly appId: string
  readonly name: string
  readonly type: string
  readonly size: string
  readonly command: string
  /** Of its slug. */
  readonly stack: string
  readonly release: {id: string; version: number}
  /** Undefined on one-off dynos. */
  readonly want: string | undefined
  readonly port: number
  readonly checks: HealthCheck[]
  readonly createdAt: Date
  state: DynoState
  since: Date
  /** The container's id, once the engine has told it. */
  engineId: string | undefined
  address: string | undefined
  /** SIGTERM is on its way or has been sent: no plan counts it any more. */
  stopping: boolean
  /** Error R15 was logged. */
  outOfMemory: boolean
  /** Its end is being handled or has been. */
  exit: Promise<void> | undefined
  readonly outputEnded: Deferred<void>
  /** Exit code. */
  readonly ended: Deferred<number>
}

type Fresh = Pick<
  LiveDyno,
  'id' | 'container' | 'appId' | 'name' | 'type' | 'size' | 'command' | 'stack' | 'release' | 'want' | 'port' | 'checks' | 'createdAt'
>

/** A dyno that is starting. */
export function liveDyno(fresh: Fresh): LiveDyno {
  return {
    ...fresh,
    state: 'starting',
    since: fresh.createdAt,
    engineId: undefined,
    address: undefined,
    stopping: false,
    outOfMemory: false,
    exit: undefined,
    outputEnded: deferred(),
    ended: deferred(),
  }
}

/** How the command of a dyno that ran on without us ended, and all it said. */
export interface AdoptedEnd {
  code: number
  output: Buffer
}

/** A release command that was found running, or ended, when the runtime started. */
export interface AdoptedRun {
  dyno: string
  ended: Promise<AdoptedEnd>
}

const mostGone = 10_000

/** Every live dyno of every app, by container name and by app. */
export class LiveDynos {
  private readonly containers = new Map<string, LiveDyno>()
  private readonly apps = new Map<string, Set<LiveDyno>>()
  private readonly seen = new Map<string, Set<string>>()
  private readonly gone = new Set<string>()
  private readonly runs = new Map<string, AdoptedRun>()

  add(dyno: LiveDyno): LiveDyno {
    this.containers.set(dyno.container, dyno)
    entry(this.apps, dyno.appId).add(dyno)
    if (dyno.want !== undefined) entry(this.seen, dyno.appId).add(dyno.name)
    return dyno
  }

  remove(dyno: LiveDyno): void {
    if (this.containers.get(dyno.container) === dyno) this.containers.delete(dyno.container)
    this.apps.get(dyno.appId)?.delete(dyno)
    this.gone.add(dyno.id)
    if (this.gone.size > mostGone) this.gone.delete(this.gone.values().next().value as string)
  }

  /** Whether that dyno (id) was removed: an observation made before must not bring it back. */
  wasRemoved(id: string): boolean {
    return this.gone.has(id)
  }

  /** Remembers a release command by its release, a scheduled one by its dyno, also when it has ended long before somebody asks. */
  adoptRun(dyno: LiveDyno, ended: Promise<AdoptedEnd>): void {
    this.runs.set(dyno.type === 'release' ? dyno.release.id : `${dyno.appId}/${dyno.name}`, {dyno: dyno.name, ended})
  }

  /** Gives it away: whoever takes it waits for it. */
  takeRun(key: string): AdoptedRun | undefined {
    const run = this.runs.get(key)
    this.runs.delete(key)
    return run
  }

  removeApp(appId: string): void {
    for (const dyno of this.ofApp(appId)) this.remove(dyno)
    this.apps.delete(appId)
    this.seen.delete(appId)
  }

  find(container: string): LiveDyno | undefined {
    return this.containers.get(container)
  }

  /** By the engine's id of its container. */
  withEngineId(id: string): LiveDyno | undefined {
    for (const dyno of this.containers.values()) if (dyno.engineId === id) return dyno
    return undefined
  }

  ofApp(appId: string): LiveDyno[] {
    return [...(this.apps.get(appId) ?? [])]
  }

  /** Formation dynos of an app that are not being stopped. */
  formation(appId: string): (LiveDyno & {want: string})[] {
    return this.ofApp(appId).filter((one): one is LiveDyno & {want: string} => one.want !== undefined && !one.stopping)
  }

  /** Containers that the engine has told us of: only these can be missed in an observation that begins now. */
  allPresent(): ReadonlySet<string> {
    return new Set([...this.containers.values()].flatMap(one => (one.engineId === undefined ? [] : [one.container])))
  }

  appIds(): string[] {
    return [...this.apps.keys()]
  }

  /** Names that formation dynos of the app have had. */
  known(appId: string): ReadonlySet<string> {
    return this.seen.get(appId) ?? new Set()
  }

  /** That name, or with `.2`, `.3` … when a dyno that is still there has it. */
  freeName(base: string): string {
    let name = base
    for (let generation = 2; this.containers.has(name); generation += 1) name = `${base}.${generation}`
    return name
  }
}

function entry<T>(sets: Map<string, Set<T>>, key: string): Set<T> {
  let set = sets.get(key)
  if (set === undefined) {
    set = new Set()
    sets.set(key, set)
  }
  return set
}
