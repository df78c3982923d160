/** One measurement, in ms or whatever the row says. */
export type Measure = () => Promise<number>

/**
 * Medians of several measurements, taken in turn so that a noisy moment hits all of them alike; every other round goes the
 * other way round.
 */
export async function medians<Name extends string>(rounds: number, measures: Record<Name, Measure>): Promise<Record<Name, number>> {
  const names = Object.keys(measures) as Name[]
  const taken = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) taken[name].push(await measures[name]())
  return Object.fromEntries(names.map(name => [name, median(taken[name])])) as Record<Name, number>
}

export function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) throw new Error('Nothing was measured.')
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How long it takes, in ms. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
