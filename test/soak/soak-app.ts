import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import type {HomeUnderFault} from '../support/faults.js'
import type {World} from '../support/world.js'

/** What a dyno that was broken has to be back within, in ms, on two busy cores; docs/faults.md says 5 s for a quiet machine. */
const recovery = 45_000

/** `/` at once, `/slow` after a second, `/crash` never; half of the apps end as Heroku advises, half as Node.js does by itself. */
const server = (name: string, version: string, graceful: boolean): string => `
const server = require('http').createServer((q, r) => {
  if (q.url === '/crash') process.exit(1)
  if (q.url.startsWith('/log')) return log(Number(q.url.slice(5)), r)
  setTimeout(() => r.end('${name} ${version}'), q.url === '/slow' ? 1000 : 0)
}).listen(process.env.PORT)
${graceful ? "process.on('SIGTERM', () => server.close(() => process.exit(0)))" : ''}
async function log(megabytes, r) {
  const block = ('a line of the log '.repeat(10) + '\\n').repeat(5600)
  for (let n = 0; n < megabytes; n += 1) if (!process.stdout.write(block)) await new Promise(done => process.stdout.once('drain', done))
  r.end('written')
}
`

/** One app of the soak, and what is done to it by the commands a user has. Each operation ends when its effect can be seen. */
export class SoakApp {
  /** What it should answer with, and the newest version that was made. */
  private version = 0
  private newest = 0
  private readonly versions = new Map<string, number>()
  private folder = ''
  /** Slugs that were made. */
  pushes = 0

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly home: HomeUnderFault,
    readonly graceful: boolean,
  ) {}

  async create(): Promise<void> {
    this.folder = await this.world.project(this.name, {
      ...this.files(),
      'package.json': JSON.stringify({name: 'soak', version: '1.0.0', private: true, engines: {node: '22.x'}}),
      Procfile: 'web: node index.js\n',
    })
    await this.world.ok(`create ${this.name}`, this.folder)
    await this.push()
    // So that the release before the current one always has a slug.
    await this.config('first')
    await this.settled()
  }

  /** Code only; an interrupted push is pushed again with the same commit. */
  async push(): Promise<void> {
    this.newest += 1
    await this.commit(this.files())
    await this.pushAgain()
  }

  async pushAgain(): Promise<void> {
    const pushed = await this.world.push(this.folder)
    if (pushed.exitCode !== 0) throw new Error(`the push of ${this.name} ended with ${pushed.exitCode}\n${pushed.stderr}`)
    this.pushes += 1
    this.version = this.newest
    this.versions.set(await this.slug(), this.version)
    await this.answers(this.version)
  }

  async pushThatFails(): Promise<void> {
    await this.commit({'package.json': '{"name": <<<<<<<'})
    const pushed = await this.world.push(this.folder)
    await this.world.exec('git', ['reset', '--quiet', '--hard', 'HEAD~1'], this.folder)
    if (!pushed.stderr.includes('Unable to parse package.json'))
      throw new Error(`a push that must fail ended with ${pushed.exitCode}\n${pushed.stderr}`)
    await this.answers(this.version)
  }

  async rollback(): Promise<void> {
    await this.run('releases:rollback')
    this.version = this.versions.get(await this.slug()) ?? Number.NaN
    await this.answers(this.version)
  }

  scale(quantity: number): Promise<void> {
    return this.run(`ps:scale web=${quantity}`)
  }

  config(value: string): Promise<void> {
    return this.run(`config:set VALUE=${value}`)
  }

  restart(): Promise<void> {
    return this.run('ps:restart')
  }

  async oneOff(): Promise<void> {
    const printed = await this.world.ok(['run', '--app', this.name, '--', 'echo', 'from', 'inside'])
    if (!printed.includes('from inside')) throw new Error(`run on ${this.name} printed ${printed}`)
  }

  async logs(): Promise<void> {
    const lines = await this.world.ok(`logs -n 100 --app ${this.name}`)
    if (lines.split('\n').length < 10) throw new Error(`the log of ${this.name} is ${lines}`)
  }

  async addon(): Promise<void> {
    await this.run('addons:create heroku-redis:mini --as SOAK_CACHE --wait')
    await this.settled()
    await this.destroyAddons()
    await this.settled()
  }

  async destroyAddons(): Promise<void> {
    for (const {name} of await this.home.call<{name: string}[]>('GET', `/apps/${this.name}/addons`))
      await this.run(`addons:destroy ${name} --confirm ${this.name}`)
  }

  /** The dyno ends itself, is killed, or its container goes: it must come back by itself. A new release then forgets the crash. */
  async broken(how: 'crash' | 'kill' | 'vanish'): Promise<void> {
    const before = await this.home.running(this.name)
    const [victim] = before
    if (victim === undefined) throw new Error(`${this.name} has no dyno to break`)
    if (how === 'crash') await this.world.get(this.name, '/crash').catch(() => undefined)
    if (how === 'kill') await this.world.engine.kill(victim, 'SIGKILL')
    if (how === 'vanish') await this.world.engine.remove(victim)
    await eventually(async () => {
      // Whichever it was: with several dynos the others answer, and `ps` learns of it a moment later.
      const now = await this.home.running(this.name)
      if (before.every(id => now.includes(id))) throw new Error(`no dyno of ${this.name} has ended`)
      await this.isUp()
    }, recovery)
    await this.answers(this.version)
  }

  forgetCrash(how: string): Promise<void> {
    return this.run(`config:set AFTER=${how}-${Date.now()}`)
  }

  /** Until the dynos are those of the formation and of the current release, and all are up. */
  settled(): Promise<void> {
    return eventually(() => this.isUp(), recovery)
  }

  async destroy(): Promise<void> {
    await this.world.ok(`apps:destroy ${this.name} --confirm ${this.name}`)
  }

  /** Writes that much into its log. */
  async log(megabytes: number): Promise<void> {
    await eventually(async () => {
      const {body} = await this.world.get(this.name, `/log/${megabytes}`)
      if (body !== 'written') throw new Error(`${this.name} could not write its log: ${body}`)
    }, recovery)
  }

  private async run(command: string): Promise<void> {
    await this.world.ok(`${command} --app ${this.name}`)
  }

  private async isUp(): Promise<void> {
    const {release, formation} = await this.home.stateOf(this.name)
    const dynos = (await this.home.dynos(this.name)).filter(one => one.state === 'running' && one.labels[label.release] === String(release))
    const shown = await this.home.call<{state: string}[]>('GET', `/apps/${this.name}/dynos`)
    const [wanted, up] = [formation['web'] ?? 0, shown.filter(one => one.state === 'up').length]
    if (dynos.length !== wanted || up !== wanted)
      throw new Error(`${this.name} has ${dynos.length} containers and ${up} dynos up of ${wanted}`)
  }

  private async slug(): Promise<string> {
    const releases = await this.home.releases(this.name)
    return releases.find(one => one.current)?.slug?.id ?? 'none'
  }

  private async answers(version: number): Promise<void> {
    await eventually(async () => {
      const now = await this.answering()
      if (now !== version) throw new Error(`${this.name} answers with version ${now} instead of ${version}`)
    }, recovery)
  }

  private async answering(): Promise<number> {
    const {status, body} = await this.world.get(this.name)
    if (status !== 200) throw new Error(`${this.name} answers ${status}: ${body.slice(0, 200)}`)
    return Number(body.split(' ')[1])
  }

  private files(): Record<string, string> {
    return {'index.js': server(this.name, String(this.newest), this.graceful)}
  }

  private async commit(files: Record<string, string>): Promise<void> {
    await this.world.write(this.folder, files)
    await this.world.commit(this.folder, `version ${this.newest}`)
  }
}
