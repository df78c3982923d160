import {setTimeout as sleep} from 'node:timers/promises'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {HomeUnderFault, randomFrom} from '../support/faults.js'
import {World} from '../support/world.js'
import {letTellWhatIsKept, measure, type Sample} from './measure.js'
import {type Operation, operationsFor, wordsFor} from './plan.js'
import {SoakApp} from './soak-app.js'
import {Traffic} from './traffic.js'
import {type Row, verdict} from './verdict.js'

export interface SoakOptions {
  seed: number
  apps: number
  rounds: number
  /** Work between two samples. */
  roundSeconds: number
  /** Log of each app before the clock starts, in MB: beyond what is kept, its removal works from the first minute. */
  logged: number
  say: (line: string) => void
}

export interface SoakReport {
  rows: Row[]
  samples: Sample[]
  /** Whatever went wrong, in words. */
  violations: string[]
  operations: Record<string, number>
  requests: {sent: number; excused: number}
}

/** Everything must be as it should within this, in ms, when nobody does anything more. */
const settling = 60_000
const lanes = 2

/** Uses apps as hard as two pairs of hands can, under load, and looks at what is left after every round. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using world = await World.start()
  letTellWhatIsKept(world)
  const run = await Soak.prepare(world, options)
  try {
    return await run.go()
  } finally {
    await run.traffic.stop()
  }
}

class Soak {
  readonly traffic: Traffic
  private readonly apps: SoakApp[] = []
  private readonly samples: Sample[] = []
  private readonly violations: string[] = []
  private readonly operations: Record<string, number> = {}
  private readonly plans: Generator<Operation>[]
  /** When the runtime was killed: what was being done then may have failed. */
  private killed = 0
  private visitors = 0
  private began = 0
  private home!: HomeUnderFault

  private constructor(
    private readonly world: World,
    private readonly options: SoakOptions,
  ) {
    this.traffic = new Traffic(world.routerPort)
    const all = Array.from({length: options.apps}, (_, index) => index)
    this.plans = Array.from({length: lanes}, (_, lane) =>
      operationsFor(
        options.seed,
        lane,
        all.filter(index => index % lanes === lane),
      ),
    )
  }

  static async prepare(world: World, options: SoakOptions): Promise<Soak> {
    const soak = new Soak(world, options)
    await world.ok('create soak-home --no-remote')
    soak.home = new HomeUnderFault(world, (await world.homeId()) as string)
    await world.ok('apps:destroy soak-home --confirm soak-home')
    for (let index = 0; index < options.apps; index += 1) {
      const app = soak.app(`soak-${index}`, index % 2 === 0)
      await app.create()
      if (options.logged > 0) await app.log(options.logged)
      soak.apps.push(app)
      options.say(`${app.name} answers`)
    }
    return soak
  }

  async go(): Promise<SoakReport> {
    const {rounds, seed, say} = this.options
    // An app that does not care for SIGTERM loses what it is at, here as on Heroku.
    for (const {name, graceful} of this.apps) this.traffic.add(name, graceful ? ['/', '/slow'] : ['/'], `${name} `)
    await this.settle('at the beginning')
    this.began = Date.now()
    await this.sample()
    for (let round = 0; round < rounds; round += 1) {
      const random = randomFrom(seed + round * 15_485_863)
      const fault = this.faultOf(round, random)
      await Promise.all([...this.plans.map(plan => this.work(plan)), fault])
      await this.settle(`after round ${round + 1}`)
      await this.sample()
      say(this.line(round))
      for (const failed of this.traffic.counted().failed.slice(-3)) say(`  failed: ${failed}`)
    }
    const {failed, excused} = this.traffic.counted()
    this.violations.push(...failed)
    const requests = {sent: this.traffic.sent, excused}
    return {
      rows: verdict(this.samples, this.apps.length),
      samples: this.samples,
      violations: this.violations,
      operations: this.operations,
      requests,
    }
  }

  /** One pair of hands until the round ends. */
  private async work(plan: Generator<Operation>): Promise<void> {
    const deadline = Date.now() + this.options.roundSeconds * 1000
    while (Date.now() < deadline) {
      const operation = plan.next().value as Operation
      const began = Date.now()
      await this.attempt(operation, began)
      this.operations[operation.kind] = (this.operations[operation.kind] ?? 0) + 1
    }
  }

  /** What a kill of the runtime interrupted is done again, as docs/faults.md tells people to. */
  private async attempt(operation: Operation, began: number): Promise<void> {
    try {
      await this.perform(operation)
    } catch (error) {
      if (this.killed < began) this.violated(wordsFor(operation), error)
      else await this.again(operation).catch(again => this.violated(`${wordsFor(operation)}, again after a kill`, again))
    }
  }

  private async again(operation: Operation): Promise<void> {
    const app = this.apps[operation.app] as SoakApp
    await this.world.ok('apps')
    if (operation.kind === 'push') return await app.pushAgain()
    if (operation.kind === 'visitor') return await this.destroyVisitors()
    if (operation.kind === 'addon') return await app.destroyAddons()
    // A second crash within a minute would rightly wait for twenty.
    if (isBreaking(operation.kind)) return await app.forgetCrash('again')
    await this.perform(operation)
  }

  private violated(what: string, error: unknown): void {
    this.violations.push(`${new Date().toISOString()} ${what}: ${(error as Error).message}`)
    this.options.say(`VIOLATION ${this.violations.at(-1)}`)
  }

  private async perform(operation: Operation): Promise<void> {
    const app = this.apps[operation.app] as SoakApp
    switch (operation.kind) {
      case 'push':
        return await app.push()
      case 'push-that-fails':
        return await app.pushThatFails()
      case 'rollback':
        return await app.rollback()
      case 'restart':
        return await app.restart()
      case 'run':
        return await app.oneOff()
      case 'logs':
        return await app.logs()
      case 'addon':
        return await app.addon()
      case 'visitor':
        return await this.visit()
      case 'scale':
        return await app.scale(operation.quantity)
      case 'config':
        return await app.config(operation.value)
      default:
        return await this.breakDyno(app, operation.kind)
    }
  }

  private async breakDyno(app: SoakApp, how: 'crash' | 'kill' | 'vanish'): Promise<void> {
    await app.settled()
    await this.traffic.fault(how, app.name, () => app.broken(how))
    await app.forgetCrash(how)
    await app.settled()
  }

  /** An app that comes and goes. */
  private async visit(): Promise<void> {
    this.visitors += 1
    const visitor = this.app(`visitor-${this.visitors}`, true)
    await visitor.create()
    await visitor.destroy()
  }

  private async destroyVisitors(): Promise<void> {
    const apps = await this.home.call<{name: string}[]>('GET', '/apps')
    for (const {name} of apps) if (name.startsWith('visitor-')) await this.world.ok(`apps:destroy ${name} --confirm ${name}`)
  }

  private app(name: string, graceful: boolean): SoakApp {
    return new SoakApp(name, this.world, this.home, graceful)
  }

  /** The router is killed once early on, and the runtime a little later: the level is that of the runtime which followed. */
  private async faultOf(round: number, random: () => number): Promise<void> {
    const {rounds, roundSeconds} = this.options
    const moment = (share: number): boolean => round === Math.max(0, Math.ceil(rounds * share) - 1)
    if (moment(1 / 8)) {
      await sleep(random() * roundSeconds * 250)
      await this.traffic.fault('router', undefined, () => this.killRouter())
    }
    if (moment(1 / 4)) {
      await sleep(random() * roundSeconds * 250)
      this.killed = Date.now()
      process.kill((await this.home.call<{pid: number}>('GET', '/runtime')).pid, 'SIGKILL')
    }
  }

  private async killRouter(): Promise<void> {
    const [router] = await this.world.engine.observe({[label.home]: this.home.homeId, [label.kind]: 'router'})
    await this.world.engine.kill(router?.id as string, 'SIGKILL')
    await eventually(async () => {
      const answers = await Promise.all(this.apps.map(app => this.world.get(app.name)))
      const bad = answers.find(answer => answer.status !== 200)
      if (bad !== undefined) throw new Error(`after the router was killed: ${bad.status} ${bad.body}`)
    }, settling).catch(error => this.violated('the router', error))
  }

  /** One dyno for each app; then nothing may be left over, pending or missing. */
  private async settle(when: string): Promise<void> {
    try {
      for (const app of this.apps) await app.scale(1)
      await eventually(async () => {
        const faults = await this.home.faults()
        if (faults.length > 0) throw new Error(faults.join('; '))
      }, settling)
    } catch (error) {
      this.violated(when, error)
    }
  }

  private async sample(): Promise<void> {
    const pushes = this.apps.reduce((sum, app) => sum + app.pushes, 0)
    this.samples.push({at: (Date.now() - this.began) / 1000, pushes, ...(await measure(this.world, this.home))})
  }

  private line(round: number): string {
    const last = this.samples.at(-1) as Sample
    const {failed, excused} = this.traffic.counted()
    const done = Object.values(this.operations).reduce((sum, count) => sum + count, 0)
    const MB = 1024 * 1024
    return [
      `${round + 1}/${this.options.rounds}`,
      `${done} operations, ${this.traffic.sent} requests, ${failed.length} failed (${excused} in faults)`,
      `runtime ${(last.memory / MB).toFixed(1)} MB (keeps ${(last.kept / MB).toFixed(1)} MB), ${last.descriptors} descriptors ${JSON.stringify(last.kinds)}, ${last.threads} threads`,
      `${last.containers} containers, ${last.networks} networks, ${last.volumes} volumes, ${last.images} images after ${last.pushes} pushes`,
      `router ${(last.routerMemory / MB).toFixed(1)} MB in ${last.routerProcesses} processes`,
      `store ${(last.store / MB).toFixed(2)} MB, logs ${(last.logs / MB).toFixed(1)} MB, rest ${(last.rest / MB).toFixed(2)} MB, ${last.releases} releases`,
    ].join('; ')
  }
}

function isBreaking(kind: Operation['kind']): kind is 'crash' | 'kill' | 'vanish' {
  return kind === 'crash' || kind === 'kill' || kind === 'vanish'
}
