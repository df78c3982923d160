import type {Sample} from './measure.js'

/** One line of the table. */
export interface Row {
  what: string
  begin: string
  end: string
  /** What was compared with the bound. */
  value: string
  bound: string
  ok: boolean
}

/** Samples in half a run without which a slope says nothing. */
const enough = 5
const MB = 1024 * 1024
const kB = 1024

/**
 * What must be level, looking at the last half of the samples, of one runtime process: the slope is the median of those between all
 * pairs of samples, so that one busy moment decides nothing. Counts must be what they were, exactly.
 */
export function verdict(samples: Sample[], apps: number): Row[] {
  const half = samples.slice(Math.floor(samples.length / 2))
  const first = half[0]
  const last = half.at(-1)
  if (first === undefined || last === undefined || first === last) return [missing()]
  return [
    ...counts(samples, apps),
    // The store's write-ahead log fills up for the first minutes, too.
    highest(half, {what: 'memory of the runtime', of: one => one.memory, bound: 384 * MB}),
    ...(half.length < enough ? [] : [...slopes(half), ...growth(first, last)]),
    most({what: 'logs', first, last, value: last.logs, bound: apps * 64 * MB}),
    equal({what: 'images that no push explains', begin: first.images - first.pushes, end: last.images - last.pushes}),
  ]
}

function growth(first: Sample, last: Sample): Row[] {
  const [releases, pushes] = [last.releases - first.releases, last.pushes - first.pushes]
  return [
    most({what: 'store, each release', first, last, value: each(last.store - first.store, releases), bound: 4 * kB}),
    most({what: 'rest of the home, each push', first, last, value: each(last.rest - first.rest, pushes), bound: 8 * kB}),
  ]
}

function slopes(half: Sample[]): Row[] {
  return [
    slope(half, {what: 'memory that the runtime keeps', of: one => one.kept, most: 0.2 * MB, show: megabytes}),
    slope(half, {what: 'descriptors of the runtime', of: one => one.descriptors, most: 0.2, show: String}),
    slope(half, {what: 'threads of the runtime', of: one => one.threads, most: 0.1, show: String}),
    slope(half, {what: 'memory of the router', of: one => one.routerMemory, most: 0.5 * MB, show: megabytes}),
  ]
}

/** Of one kind there is one for each app, the router, or nothing. */
function counts(samples: Sample[], apps: number): Row[] {
  const expected: [string, (sample: Sample) => number, number][] = [
    ['containers', one => one.containers, apps + 1],
    ['networks', one => one.networks, apps],
    ['volumes', one => one.volumes, 0],
    ['children of the runtime', one => one.children, 0],
  ]
  return expected.map(([what, of, wanted]) => {
    const seen = samples.map(of)
    const worst = seen.reduce((worst, one) => (Math.abs(one - wanted) > Math.abs(worst - wanted) ? one : worst), wanted)
    return {what, begin: String(seen[0]), end: String(seen.at(-1)), value: `${worst} at worst`, bound: String(wanted), ok: worst === wanted}
  })
}

interface Slope {
  what: string
  of: (sample: Sample) => number
  /** A minute. */
  most: number
  show: (value: number) => string
}

function slope(samples: Sample[], {what, of, most, show}: Slope): Row {
  const pid = samples.at(-1)?.pid
  const same = samples.filter(one => one.pid === pid)
  const slopes = same.flatMap((a, index) => same.slice(index + 1).map(b => ((of(b) - of(a)) / (b.at - a.at)) * 60))
  const value = median(slopes)
  const ends = {begin: show(of(same[0] as Sample)), end: show(of(same.at(-1) as Sample))}
  return {what, ...ends, value: `${show(round(value))} a minute`, bound: `${show(most)} a minute`, ok: value <= most}
}

function highest(samples: Sample[], {what, of, bound}: {what: string; of: (sample: Sample) => number; bound: number}): Row {
  const values = samples.map(of)
  const value = Math.max(...values)
  return {
    what,
    begin: megabytes(values[0] as number),
    end: megabytes(values.at(-1) as number),
    value: megabytes(value),
    bound: megabytes(bound),
    ok: value <= bound,
  }
}

function most({what, first, last, value, bound}: {what: string; first: Sample; last: Sample; value: number; bound: number}): Row {
  const of = what.startsWith('logs') ? 'logs' : what.startsWith('store') ? 'store' : 'rest'
  return {what, begin: megabytes(first[of]), end: megabytes(last[of]), value: size(value), bound: size(bound), ok: value <= bound}
}

function equal({what, begin, end}: {what: string; begin: number; end: number}): Row {
  return {what, begin: String(begin), end: String(end), value: String(end - begin), bound: '0', ok: end <= begin}
}

function missing(): Row {
  return {what: 'samples', begin: '-', end: '-', value: 'fewer than two', bound: 'two', ok: false}
}

function each(growth: number, count: number): number {
  return Math.max(0, growth) / Math.max(1, count)
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const round = (value: number): number => Math.round(value * 1000) / 1000
const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(Math.abs(bytes) < MB ? 2 : 1)} MB`
const size = (bytes: number): string => (bytes < MB ? `${(bytes / kB).toFixed(1)} kB` : megabytes(bytes))
