import {expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import type {Clients, RunOptions} from './clients.js'
import {hasSchema, PublishedSchema, schemaPath} from './schema.js'
import {stateOf} from './state.js'

export interface Step {
  /** See Clients.both. */
  command: string | string[]
  options?: RunOptions
  /** Both must fail; with which exit code is each client's own business. */
  fails?: boolean
  /** Why the words differ; exit code and state are compared all the same. */
  differs?: string
  /** What both must have printed. */
  prints?: RegExp
}

/** One test a step, in order: same outcome, same words, same state afterwards. */
export function sameSteps(clients: () => Clients, steps: Step[]): void {
  for (const step of steps) {
    const line = typeof step.command === 'string' ? step.command : step.command.join(' ')
    const outcome = step.fails === true ? 'fails' : 'does'
    const claim = step.differs === undefined ? `${outcome} and says the same` : `${outcome} the same (words differ: ${step.differs})`
    it(`${line} ${claim}`, () => take(step, clients()))
  }
}

async function take({command, options = {}, fails = false, differs, prints}: Step, clients: Clients): Promise<void> {
  const {official, ours} = await clients.both(command, options)
  for (const {exitCode, stderr} of [official, ours]) expect(exitCode !== 0, stderr).toBe(fails)
  for (const {stdout, stderr} of [official, ours]) if (prints !== undefined) expect(`${stdout}\n${stderr}`).toMatch(prints)
  if (differs === undefined) {
    expect(ours.stdout).toBe(official.stdout)
    expect(withoutErrorId(ours.stderr)).toBe(withoutErrorId(official.stderr))
  }
  // What a command only sets going (an add-on) may take a while.
  await eventually(async () => expect(await stateOf(clients, 'ours')).toEqual(await stateOf(clients, 'official')), 30_000)
}

/** Only the official CLI prints the id of an error. */
function withoutErrorId(text: string): string {
  return text.replace(/(\n›)?\n› Error ID: \w+/, '').replaceAll('\n› ', ' ')
}

/** Last test of a file: what was answered to the official CLI is as published. */
export function answersAsPublished(clients: () => Clients): void {
  it.skipIf(!hasSchema)(`every answer is as the schema says (${hasSchema ? 'present' : `SKIPPED: no ${schemaPath}`})`, () => {
    const schema = new PublishedSchema()
    const found = clients().recorder.exchanges.map(exchange => ({exchange, problems: schema.problems(exchange)}))
    const wrong = found.flatMap(({exchange, problems = []}) => problems.map(problem => `${exchange.method} ${exchange.path}: ${problem}`))
    expect([...new Set(wrong)].sort()).toEqual([])
    expect(found.filter(one => one.problems !== undefined).length).toBeGreaterThan(10)
  })
}
