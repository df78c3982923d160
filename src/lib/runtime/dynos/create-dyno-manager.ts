import {setMaxListeners} from 'node:events'
import type {Duplex} from 'node:stream'
import type {EngineEvent, ObservedContainer} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {notFound} from '../../schema/errors.js'
import {Queues} from '../support/queues.js'
import {reconcile} from './adopt.js'
import {CondemnedContainers} from './condemned.js'
import {background, type DynoContext, type DynoManagerDeps, say} from './context.js'
import {byApp, convergeApp, nextRestart, planFor} from './converge.js'
import {Crashes} from './crashes.js'
import {desiredDynos} from './desired.js'
import type {Attached, DynoManager, DynoView, OneOff, OneOffRequest, WebState} from './dyno-manager.js'
import {openPort} from './inside/open-port.js'
import {type DynoFile, readFile} from './inside/read-file.js'
import {watchCycles} from './lifecycle/cycling.js'
import {exited, overQuota} from './lifecycle/exit.js'
import {stopDyno} from './lifecycle/stop.js'
import {goOn, rejoin} from './lifecycle/tampered.js'
import {type AdoptedRun, type LiveDyno, LiveDynos} from './live-dynos.js'
import {runInside} from './one-offs/inside.js'
import {runOneOff} from './one-offs/one-offs.js'
import {Rendezvous} from './one-offs/rendezvous.js'
import {Outage} from './outage.js'
import type {Condemned} from './plan.js'
import {removeApp} from './remove-app.js'
import {settleSleep, sleeping} from './sleep/settle-sleep.js'
import {SleepWatch} from './sleep/sleep-watch.js'
import {Sleeps} from './sleep/sleeps.js'
import {Slots} from './slots.js'
import {ensureAppNetwork, homeLabels} from './spec.js'
import {sortedViews} from './views.js'
import {Waiters} from './waiters.js'
import {WebNews} from './web-news.js'
import {webState} from './web-state.js'

const startsAtATime = 4

/** The dyno manager. Nothing happens before `start()`. */
export function createDynoManager(deps: DynoManagerDeps): DynoManager {
  return new Dynos(deps)
}

class Dynos implements DynoManager {
  private readonly context: DynoContext
  private readonly queues = new Queues()
  private readonly closing = new AbortController()
  private readonly waiters = new Waiters()
  private readonly rendezvous: Rendezvous
  private readonly news: WebNews
  private listening = false
  private readonly timers = new Map<string, AbortController>()

  constructor(deps: DynoManagerDeps) {
    this.context = {
      ...deps,
      live: new LiveDynos(),
      crashes: new Crashes(deps.store),
      condemned: new CondemnedContainers(deps.store),
      sleeps: new Sleeps(deps.store),
      outage: new Outage(deps.engine),
      slots: new Slots(startsAtATime),
      signal: this.closing.signal,
      changed: appId => this.changed(appId),
      convergeSoon: (appId, because) => background(this.context, `converging ${appId}`, this.converge(appId, because)),
    }
    this.news = new WebNews(deps.onWebChanged, (appId, error) => deps.log.error('telling the router failed', {appId, error}))
    // Every dyno that is watched listens to it.
    setMaxListeners(0, this.closing.signal)
    this.rendezvous = new Rendezvous(this.context)
  }

  async start(): Promise<void> {
    if (!this.listening) this.begin()
    this.listening = true
    await this.lookAtAll('runtime started')
  }

  private begin(): void {
    const {context} = this
    background(context, 'listening to the engine', this.listen())
    if (context.cycleMs !== undefined)
      background(
        context,
        'cycling dynos',
        watchCycles(context, context.cycleMs, dyno => this.condemn(dyno.appId, [dyno], 'restart')),
      )
    if (context.idleMs !== undefined) background(context, 'putting dynos to sleep', new SleepWatch(context, context.idleMs).run())
  }

  async close(): Promise<void> {
    this.closing.abort()
    for (const timer of this.timers.values()) timer.abort()
    this.waiters.tellAll()
    await this.queues.idle()
  }

  async prepare(appId: string): Promise<void> {
    await this.queues.run(appId, async () => {
      // An app that is being removed gets none that nobody would remove.
      if (this.context.wanted.wanted(appId) !== undefined) await ensureAppNetwork(this.context, appId)
    })
  }

  async converge(appId: string, because: string): Promise<void> {
    if (this.closing.signal.aborted) return
    const done = this.waiters.busy(appId)
    try {
      await this.queues.run(appId, async () => {
        if (!this.closing.signal.aborted) await convergeApp(this.context, appId, because)
      })
    } finally {
      this.wakeForNextRestart(appId)
      done()
    }
  }

  async settled(appId: string, releaseId: string): Promise<boolean> {
    for (;;) {
      const answer = this.settledNow(appId, releaseId)
      if (answer !== undefined) return answer
      await this.waiters.next(appId)
    }
  }

  list(appId: string): DynoView[] {
    return sortedViews(this.context.live.ofApp(appId).filter(one => !one.stopping))
  }

  web(appId: string): WebState {
    return webState(this.context.live.formation(appId).filter(one => one.type === 'web'))
  }

  async runOneOff(request: OneOffRequest): Promise<OneOff> {
    return runOneOff(this.context, this.rendezvous, request)
  }

  takeReleaseRun(releaseId: string): AdoptedRun | undefined {
    return this.context.live.takeRun(releaseId)
  }

  takeScheduledRun(appId: string, dyno: string): AdoptedRun | undefined {
    return this.context.live.takeRun(`${appId}/${dyno}`)
  }

  claim(secret: string): Attached | undefined {
    return this.rendezvous.claim(secret)
  }

  async runInside(
    appId: string,
    dyno: string,
    command: string,
    options: Parameters<DynoManager['runInside']>[3],
  ): Promise<{secret: string; view: DynoView}> {
    return runInside(this.context, this.rendezvous, appId, dyno, command, options)
  }

  async readFile(appId: string, dyno: string, path: string): Promise<DynoFile> {
    return await readFile(this.context, appId, dyno, path)
  }

  async openPort(appId: string, dyno: string, port: number): Promise<Duplex> {
    return await openPort(this.context, appId, dyno, port)
  }

  async restart(appId: string, what: {dyno?: string; type?: string}): Promise<void> {
    this.condemn(appId, this.matching(appId, what), 'restart')
  }

  async stop(appId: string, what: {dyno?: string; type?: string}): Promise<void> {
    this.condemn(appId, this.matching(appId, what), 'stop')
  }

  wake(appId: string): void {
    const {context} = this
    if (!context.sleeps.forget(appId)) return
    for (const dyno of context.live.formation(appId).filter(({state}) => state === 'idle')) say(context, dyno, 'Unidling')
    context.convergeSoon(appId, 'woken')
  }

  async removeApp(appId: string): Promise<void> {
    this.timers.get(appId)?.abort()
    await this.queues.run(appId, () => removeApp(this.context, appId))
    this.timers.delete(appId)
    this.news.forget(appId)
    this.waiters.tell(appId)
  }

  /** One-off dynos end for good at either; of formation dynos others take the place. */
  private condemn(appId: string, dynos: LiveDyno[], mode: Condemned): void {
    const formation = dynos.filter(one => one.want !== undefined && one.state !== 'idle')
    if (mode === 'restart' && dynos.some(({state}) => state === 'idle')) this.wake(appId)
    for (const dyno of formation) {
      this.context.condemned.add(dyno.container, mode)
      this.context.crashes.forget(appId, dyno.name)
    }
    if (formation.length > 0) this.context.convergeSoon(appId, mode === 'restart' ? 'restarted' : 'stopped')
    for (const dyno of dynos.filter(one => one.want === undefined))
      background(this.context, `stopping ${dyno.container}`, stopDyno(this.context, dyno))
  }

  private matching(appId: string, {dyno, type}: {dyno?: string; type?: string}): LiveDyno[] {
    const all = this.context.live.ofApp(appId).filter(one => !one.stopping)
    if (dyno === undefined && type === undefined) return all.filter(one => one.want !== undefined)
    const found = all.filter(one => (dyno === undefined || answersTo(one, dyno)) && (type === undefined || one.type === type))
    if (found.length === 0) throw notFound('dyno')
    return found
  }

  /** Apps that want no dyno and have none need nothing: those are not even read. */
  private async lookAtAll(because: string): Promise<void> {
    const {context} = this
    const before = context.live.allPresent()
    const observed = byApp(await context.engine.observe(homeLabels(context)), label.app)
    const appIds = new Set([...context.wanted.wantingAppIds(), ...observed.keys(), ...context.live.appIds()])
    await Promise.all([...appIds].map(appId => this.lookAt(appId, observed.get(appId) ?? [], before, because)))
  }

  /** Most apps need nothing when the runtime starts: those are not observed a second time. */
  private async lookAt(appId: string, containers: ObservedContainer[], before: ReadonlySet<string>, because: string): Promise<void> {
    const {context} = this
    const wanted = context.wanted.wanted(appId)
    await this.queues.run(appId, () => reconcile(context, {id: appId, wanted}, containers, before))
    settleSleep(context, appId, wanted)
    if (containers.length > 0) void context.changed(appId)
    if (planFor(context, appId, wanted, because).length > 0) context.convergeSoon(appId, because)
    this.wakeForNextRestart(appId)
  }

  private async listen(): Promise<void> {
    const {context} = this
    for await (const event of context.engine.events(homeLabels(context), context.signal)) {
      if (context.signal.aborted) return
      if (event.type === 'resync') this.isBack(event)
      else if (event.type === 'cut') this.heardOfCut(event.id)
      else this.heard(event)
    }
  }

  private isBack({since, at}: Pick<Extract<EngineEvent, {type: 'resync'}>, 'since' | 'at'>): void {
    const {context} = this
    context.crashes.forgetSince(context.outage.was(since, at))
    background(context, 'looking at everything again', this.lookAtAll('engine is back'))
  }

  private heard(event: Exclude<EngineEvent, {type: 'resync' | 'cut'}>): void {
    const {context} = this
    const dyno = context.live.find(event.name)
    if (dyno === undefined || dyno.id !== event.labels[label.dynoId]) return
    dyno.engineId ??= event.id
    if (event.type === 'oom') overQuota(context, dyno)
    if (event.type === 'die') background(context, `ending ${dyno.container}`, exited(context, dyno, {code: event.exitCode, at: event.at}))
    if (event.type === 'pause') background(context, `resuming ${dyno.container}`, goOn(context, dyno, event.id))
    if (event.type === 'destroy' && !dyno.stopping && dyno.want !== undefined) context.convergeSoon(dyno.appId, 'container is gone')
  }

  private heardOfCut(id: string): void {
    const {context} = this
    const dyno = context.live.withEngineId(id)
    if (dyno !== undefined) background(context, `connecting ${dyno.container}`, rejoin(context, dyno))
  }

  private async changed(appId: string): Promise<void> {
    this.waiters.tell(appId)
    if (!this.closing.signal.aborted) await this.news.changed(appId, this.web(appId))
  }

  /** Undefined while it cannot be said yet. */
  private settledNow(appId: string, releaseId: string): boolean | undefined {
    if (this.closing.signal.aborted) return false
    if (this.waiters.isBusy(appId)) return undefined
    const wanted = this.context.wanted.wanted(appId)
    if (wanted === undefined) return false
    if (wanted.release.id !== releaseId) return this.web(appId).up.length > 0
    const idle = sleeping(this.context, wanted)
    if (!desiredDynos(wanted).some(one => one.type === 'web' && !idle.has(one.name))) return true
    const mine = this.context.live.formation(appId).filter(one => one.type === 'web' && one.release.id === releaseId)
    if (mine.some(one => one.state === 'up')) return mine.some(one => one.state === 'starting') ? undefined : true
    // One crash is answer enough: the restart that follows at once would make a push wait for a second boot timeout.
    const crashed = this.context.crashes.of(appId, releaseId).size > 0
    return mine.some(one => one.state === 'starting') && !crashed ? undefined : false
  }

  private wakeForNextRestart(appId: string): void {
    this.timers.get(appId)?.abort()
    this.timers.delete(appId)
    const due = this.closing.signal.aborted ? undefined : nextRestart(this.context, appId)
    if (due === undefined) return
    const timer = new AbortController()
    this.timers.set(appId, timer)
    this.context.clock.sleep(due.getTime() - this.context.clock.now().getTime(), timer.signal).then(
      () => this.context.convergeSoon(appId, 'cool-off is over'),
      () => undefined,
    )
  }
}

/** By name or id, as the Platform API allows. */
function answersTo(dyno: LiveDyno, nameOrId: string): boolean {
  return dyno.name === nameOrId || dyno.id === nameOrId
}
