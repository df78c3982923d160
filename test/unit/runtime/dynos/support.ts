import {randomUUID} from 'node:crypto'
import type {Engine} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import {type MemoryEngine, type MemoryOptions, memoryEngine} from '../../../../src/lib/engine/memory/memory-engine.js'
import type {DynoManagerDeps} from '../../../../src/lib/runtime/dynos/context.js'
import {createDynoManager} from '../../../../src/lib/runtime/dynos/create-dyno-manager.js'
import type {DynoManager, WantedApp} from '../../../../src/lib/runtime/dynos/dyno-manager.js'
import type {Logplex} from '../../../../src/lib/runtime/logplex/logplex.js'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import {type Clock, systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {engineNames} from '../../../../src/lib/runtime/support/names.js'
import {runtimeLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {healthChecks} from '../../../../src/lib/schema/health-checks.js'
import {scratchStore} from '../../../support/unsynced-store.js'

export const appId = '11111111-1111-4111-8111-111111111111'

export interface WantedShape {
  version: number
  formation: Record<string, number>
  size?: string
  /** By process type; `size` for the others. */
  sizes?: Record<string, string>
  image?: string | undefined
  maintenance?: boolean
  config?: Record<string, string>
  commands?: Record<string, string>
  healthChecks?: unknown
}

export const releaseId = (version: number): string => `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`

/** An app as the store would have it. */
export function wantedApp(shape: WantedShape): WantedApp {
  const at = new Date('2026-11-22T10:00:00Z')
  const image = 'image' in shape ? shape.image : `sha256:v${shape.version}`
  const commands = Object.fromEntries(Object.keys(shape.formation).map(type => [type, `serve ${type}`]))
  return {
    app: {
      id: appId,
      name: 'demo',
      stack: 'heroku-24',
      buildStack: 'heroku-24',
      region: 'local',
      maintenance: shape.maintenance ?? false,
      acm: false,
      buildpacks: [],
      detectedBuildpack: undefined,
      features: {},
      currentRelease: releaseId(shape.version),
      currentSlug: 'slug',
      repoSize: undefined,
      createdAt: at,
      updatedAt: at,
      releasedAt: at,
    },
    release: {
      id: releaseId(shape.version),
      appId,
      version: shape.version,
      slugId: 'slug',
      description: 'Deploy 1a2b3c4d',
      status: 'succeeded',
      userEmail: 'me@example.com',
      config: shape.config ?? {},
      userConfig: shape.config ?? {},
      attachments: [],
      addonPlanNames: [],
      outputId: undefined,
      createdAt: at,
      updatedAt: at,
    },
    slug:
      image === undefined
        ? undefined
        : {
            id: 'slug',
            appId,
            image,
            stack: 'heroku-24',
            processTypes: {...commands, ...shape.commands},
            commit: '1a2b3c4d',
            commitDescription: undefined,
            buildpackDescription: 'Node.js',
            checksum: undefined,
            size: undefined,
            pruned: false,
            createdAt: at,
            ...(shape.healthChecks !== undefined && {healthChecks: healthChecks.parse(shape.healthChecks)}),
          },
    formation: Object.entries(shape.formation).map(([type, quantity]) => ({
      id: randomUUID(),
      appId,
      type,
      quantity,
      size: shape.sizes?.[type] ?? shape.size ?? 'Basic',
      createdAt: at,
      updatedAt: at,
    })),
  }
}

/** A logplex that only remembers: `heroku[web.1]: …`, in order. */
export class RememberedLog implements Partial<Logplex> {
  readonly lines: string[] = []
  private lastRequest: Date | undefined

  append: Logplex['append'] = (_app, entry) => {
    this.lines.push(`${entry.source}[${entry.ps}]: ${entry.message}`)
    if (entry.ps === 'router') this.lastRequest = entry.at
  }

  /** Only what asks for the last line of the router. */
  async *read(...[, {dyno, since}]: Parameters<Logplex['read']>): AsyncGenerator<{id: number; text: string}[]> {
    const {lastRequest} = this
    if (dyno !== 'router' || lastRequest === undefined || (since !== undefined && lastRequest < since)) return
    yield [{id: 1, text: `${lastRequest.toISOString().slice(0, 23)}000+00:00 heroku[router]: at=info`}]
  }

  output: Logplex['output'] = (_app, dyno) => ({
    write: (_stream, data) => {
      for (const line of String(data).split('\n').filter(Boolean)) this.lines.push(`app[${dyno}]: ${line}`)
    },
    end: () => undefined,
  })

  cursor: Logplex['cursor'] = () => undefined

  of(dyno: string): string[] {
    return this.lines.filter(line => line.includes(`[${dyno}]: `)).map(line => line.slice(line.indexOf(': ') + 2))
  }
}

export interface World extends AsyncDisposable {
  engine: MemoryEngine
  dynos: DynoManager
  log: RememberedLog
  plans: string[]
  changes: string[]
  clock: Clock
  store: Store
  /** Changes what is wanted, and converges. */
  want(shape: WantedShape | undefined): Promise<void>
  /** What a kill and a new start of the runtime do. */
  restartRuntime(): Promise<void>
  /** `web.1 v8 up` */
  ps(): string[]
  /** Names of containers that run. */
  running(): Promise<string[]>
}

const home = '22222222-2222-4222-8222-222222222222'

/** A dyno manager on the memory engine, with a store. */
export async function world(
  options: {
    clock?: Clock
    engine?: MemoryOptions
    listening?: Engine['listening']
    router?: () => Promise<void>
    quiet?: () => Promise<void>
    dial?: DynoManagerDeps['dial']
    idleMs?: number
    cycleMs?: number
  } = {},
): Promise<World> {
  const clock = options.clock ?? systemClock
  const images = ['sha256:v7', 'sha256:v8', 'sha256:v9']
  const engine = memoryEngine({time: clock, images, ...options.engine})
  if (options.listening !== undefined) engine.listening = options.listening
  const store = await scratchStore()
  addApp(store)
  let wanted: WantedApp | undefined
  const log = new RememberedLog()
  const plans: string[] = []
  const changes: string[] = []
  const make = (): DynoManager =>
    createDynoManager({
      engine,
      store,
      clock,
      log: runtimeLog(line => void plans.push(line), 'debug'),
      logplex: log as unknown as Logplex,
      wanted: {
        wanted: () => wanted,
        wantingAppIds: () => (wanted === undefined ? [] : [appId]),
        sleepyAppIds: () => (wanted === undefined ? [] : [appId]),
      },
      names: engineNames(home),
      home,
      onWebChanged: async id => {
        changes.push(id)
        await options.router?.()
      },
      quiet: async () => options.quiet?.(),
      dial: options.dial ?? (() => Promise.reject(new Error('There is no router here.'))),
      random: () => 0.5,
      idleMs: options.idleMs,
      cycleMs: options.cycleMs,
    })
  let dynos = make()
  await dynos.start()
  return {
    engine,
    log,
    plans,
    changes,
    clock,
    store,
    get dynos() {
      return dynos
    },
    async want(shape) {
      wanted = shape === undefined ? undefined : wantedApp(shape)
      await dynos.converge(appId, 'wanted')
    },
    async restartRuntime() {
      await dynos.close()
      dynos = make()
      await dynos.start()
    },
    ps: () => dynos.list(appId).map(one => `${one.name} v${one.release.version} ${one.state}`),
    async running() {
      const all = await engine.observe({})
      return all.filter(one => one.state === 'running').map(one => one.name.replace(/^hokku-\w+-/, ''))
    },
    async [Symbol.asyncDispose]() {
      await dynos.close()
      await engine.removeAll({[label.home]: home})
      store.close()
    },
  }
}

/** Rows that refer to the app need its own. */
export function addApp(store: Store): void {
  const now = new Date().toISOString()
  store.run(
    'INSERT OR IGNORE INTO apps (id, name, stack, build_stack, region, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    appId,
    'demo',
    'heroku-24',
    'heroku-24',
    'local',
    now,
    now,
  )
}
