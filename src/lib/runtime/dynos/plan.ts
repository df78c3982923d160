import type {DesiredDyno} from './desired.js'

/** Why a running dyno must go although it is as wanted: `restart` replaces first where it can, `stop` stops first. */
export type Condemned = 'restart' | 'stop'

/** A formation dyno that exists and is not being stopped already. */
export interface ObservedDyno {
  container: string
  dyno: string
  type: string
  size: string
  version: number
  want: string
  /** `down` ended with the engine. */
  state: 'starting' | 'up' | 'crashed' | 'down'
  condemned: Condemned | undefined
  createdAt: Date
}

export interface PlanFacts {
  /** What made us look: the cause of a start that nothing else explains. */
  because: string
  /** Dynos that crashed on the wanted release and whose next start is not due. */
  held: ReadonlySet<string>
  /** Process types of the current slug. */
  types: ReadonlySet<string>
  /** Dynos that have existed before; the others are created. */
  known: ReadonlySet<string>
  /** Dynos that sleep: they are wanted, but not to run. */
  idle: ReadonlySet<string>
}

export type Op =
  | {op: 'start'; dyno: DesiredDyno; from: string; because: string}
  | {op: 'stop'; dyno: string; container: string; because: string}
  /** Of what has ended already. */
  | {op: 'remove'; dyno: string; container: string; because: string}

/**
 * What to do so that the desired dynos run. Web dynos are replaced start-first: an old one stays until one that is wanted is up,
 * or its name is not wanted any more. Dynos of other types are stopped and started at once.
 */
export function planDynos(desired: DesiredDyno[], observed: ObservedDyno[], facts: PlanFacts): Op[] {
  const awake = desired.filter(one => !facts.idle.has(one.name))
  const names = new Set(awake.map(one => one.name))
  return [
    ...observed.filter(one => !names.has(one.dyno)).map(one => end(one, surplus(one, desired, facts))),
    ...awake.flatMap(one => planOne(one, newestFirst(observed.filter(seen => seen.dyno === one.name)), facts)),
  ]
}

/** One line per op with its cause: `start web.2  # scaled up`. */
export function printOps(ops: Op[]): string {
  return ops.map(op => `${op.op} ${op.op === 'start' ? op.dyno.name : op.dyno}  # ${op.because}`).join('\n')
}

function planOne(wanted: DesiredDyno, seen: ObservedDyno[], facts: PlanFacts): Op[] {
  const current = seen.find(one => asWanted(one, wanted) && !hasEnded(one))
  if (current === undefined && !facts.held.has(wanted.name)) return replace(wanted, seen, facts)
  const kept = current ?? seen.find(one => asWanted(one, wanted))
  const serving = current?.state === 'up' ? undefined : stillServing(wanted, seen, kept)
  return seen.filter(one => one !== kept && one !== serving).map(one => end(one, replaced(one, wanted)))
}

function replace(wanted: DesiredDyno, seen: ObservedDyno[], facts: PlanFacts): Op[] {
  const serving = stillServing(wanted, seen, undefined)
  const leaving = seen.filter(one => one !== serving).map(one => end(one, replaced(one, wanted)))
  const before = seen[0]
  const from = before?.state ?? (facts.known.has(wanted.name) ? 'down' : 'created')
  return [...leaving, {op: 'start', dyno: wanted, from, because: before === undefined ? facts.because : changed(before, wanted)}]
}

/** The web dyno that answers requests until the wanted one does. */
function stillServing(wanted: DesiredDyno, seen: ObservedDyno[], kept: ObservedDyno | undefined): ObservedDyno | undefined {
  if (wanted.type !== 'web') return undefined
  return seen.find(one => one !== kept && one.state === 'up' && one.condemned !== 'stop')
}

function asWanted(seen: ObservedDyno, wanted: DesiredDyno): boolean {
  return seen.want === wanted.want && seen.condemned === undefined
}

function end(seen: ObservedDyno, because: string): Op {
  return {op: hasEnded(seen) ? 'remove' : 'stop', dyno: seen.dyno, container: seen.container, because}
}

function hasEnded({state}: ObservedDyno): boolean {
  return state === 'crashed' || state === 'down'
}

function surplus(seen: ObservedDyno, desired: DesiredDyno[], facts: PlanFacts): string {
  if (facts.idle.has(seen.dyno)) return 'idle'
  if (desired.some(one => one.type === seen.type)) return 'scaled down'
  return facts.types.has(seen.type) ? 'scaled to 0' : 'process type is gone'
}

function replaced(seen: ObservedDyno, wanted: DesiredDyno): string {
  return seen.version === wanted.version ? changed(seen, wanted) : `replaced by v${wanted.version}`
}

function changed(seen: ObservedDyno, wanted: DesiredDyno): string {
  if (seen.version !== wanted.version) return `release v${seen.version} -> v${wanted.version}`
  if (seen.condemned !== undefined) return seen.condemned === 'restart' ? 'restarted' : 'stopped'
  if (seen.size !== wanted.size) return `size ${seen.size} -> ${wanted.size}`
  if (seen.state === 'down') return 'ended with the engine'
  return seen.state === 'crashed' ? 'crashed' : 'changed'
}

function newestFirst(seen: ObservedDyno[]): ObservedDyno[] {
  return [...seen].sort((a, b) => b.version - a.version || b.createdAt.getTime() - a.createdAt.getTime())
}
