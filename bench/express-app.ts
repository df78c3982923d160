import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {World} from '../test/support/world.js'
import type {Bare} from './bare.js'

const example = join(import.meta.dirname, '..', 'examples', 'node-express')

/** What an answer of the app says. */
interface Said {
  version: string
  greeting: string
  dyno: string
}

/** The files of a small Express app, which tells its version, a config var and its dyno. */
export async function expressFiles(version: string): Promise<Record<string, string>> {
  const read = (name: string): Promise<string> => readFile(join(example, name), 'utf8')
  return {
    Procfile: 'web: node server.js\ntiny: exec sleep infinity\n',
    'package.json': await read('package.json'),
    'package-lock.json': await read('package-lock.json'),
    'server.js': `import express from 'express'

const {GREETING: greeting, DYNO: dyno, PORT} = process.env
const app = express()
app.get('/', (request, response) => response.json({version: '${version}', greeting, dyno}))
app.listen(PORT)
process.once('SIGTERM', () => process.exit(0))
`,
  }
}

/** An Express app of the bench's own home, with the folder it is pushed from. */
export class ExpressApp {
  private count = 0

  private constructor(
    private readonly world: World,
    readonly name: string,
    readonly folder: string,
  ) {}

  /** Made, not pushed yet. */
  static async create(world: World, name: string): Promise<ExpressApp> {
    const folder = await world.project(name, await expressFiles('first'))
    await world.ok(['create', name], folder)
    return new ExpressApp(world, name, folder)
  }

  /** One that the home has already. */
  static async of(world: World, name: string): Promise<ExpressApp> {
    const folder = await world.project(name, await expressFiles('first'))
    await world.ok(['git:remote', '--app', name], folder)
    return new ExpressApp(world, name, folder)
  }

  /** Commits a change of code; what the new code will say. */
  async change(more: Record<string, string> = {}): Promise<string> {
    this.count += 1
    const version = `${this.name}-${this.count}`
    await this.world.write(this.folder, {...(await expressFiles(version)), ...more})
    await this.world.commit(this.folder, version)
    return version
  }

  /**
   * From `git push` until the router serves that version, in ms; resolves when the push has ended too. It is asked every so many ms: of an
   * app that has no dyno yet each answer is the runtime's own work, which the build would have to share its processors with.
   */
  async push(version: string, every = 5): Promise<number> {
    const began = performance.now()
    const pushed = this.world.push(this.folder)
    const answered = this.until(said => said.version === version, pushed, every)
    const {exitCode, stderr} = await pushed
    if (exitCode !== 0) throw new Error(`git push ended with ${exitCode}:\n${stderr}`)
    return (await answered) - began
  }

  /** The moment when an answer fits. Gives up after three minutes, or at once when `work` fails. */
  async until(fits: (said: Said) => boolean, work?: Promise<{exitCode: number}>, every = 5): Promise<number> {
    let failed = false
    work?.then(({exitCode}) => {
      failed = exitCode !== 0
    })
    for (const deadline = performance.now() + 180_000; performance.now() < deadline && !failed; await sleep(every)) {
      const said = await this.ask()
      if (said !== undefined && fits(said)) return performance.now()
    }
    throw new Error(`${this.name} does not answer as it should.`)
  }

  async ask(): Promise<Said | undefined> {
    const answer = await this.world.get(this.name).catch(() => undefined)
    return answer?.status === 200 ? (JSON.parse(answer.body) as Said) : undefined
  }

  /** Resolves when it has exactly that many dynos left, by the engine's own account. */
  async settled(dynos: number): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const found = await this.world.engine.observe({'hokku.app-name': this.name, 'hokku.kind': 'dyno'})
      if (found.length === dynos) return
      if (tries > 600) throw new Error(`${this.name} has ${found.length} dynos, not ${dynos}.`)
      await sleep(100)
    }
  }

  /** The images it runs on, for the floors: its slug, and the stack with the language, to run and to build. */
  async images(bare: Bare): Promise<{slug: string; run: string; build: string}> {
    const found = await this.world.engine.images({'hokku.app-name': this.name})
    const slug = found.flatMap(image => image.tags)[0]
    if (slug === undefined) throw new Error(`${this.name} has no slug.`)
    const run = await bare.basedOn(slug, 'hokku/node')
    return {slug, run, build: run.replace('hokku/node:', 'hokku/node-build:')}
  }
}
