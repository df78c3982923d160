/** Dyno sizes as in heroku-platform.md 2. Memory in bytes, prices in US cents as Heroku lists them. */
export interface DynoSize {
  /** As Heroku displays it: `Standard-1X`. */
  name: string
  memoryBytes: number
  /** CPU shares relative to a 1x dyno. */
  shares: number
  /** CPUs a dyno may use at most; undefined = as many as the host has. */
  cpus: number | undefined
  dedicated: boolean
  /** Most processes and threads in one dyno. */
  pids: number
  centsPerMonth: number
  units: number
}

const MB = 1024 * 1024

function size(name: string, memoryMb: number, rest: Omit<DynoSize, 'name' | 'memoryBytes' | 'dedicated'>): DynoSize {
  return {name, memoryBytes: memoryMb * MB, dedicated: name.startsWith('Performance'), ...rest}
}

export const dynoSizes: readonly DynoSize[] = [
  size('Eco', 512, {shares: 1, cpus: undefined, pids: 256, centsPerMonth: 500, units: 0.28}),
  size('Basic', 512, {shares: 1, cpus: undefined, pids: 256, centsPerMonth: 700, units: 0.28}),
  size('Standard-1X', 512, {shares: 1, cpus: undefined, pids: 256, centsPerMonth: 2500, units: 1}),
  size('Standard-2X', 1024, {shares: 2, cpus: undefined, pids: 512, centsPerMonth: 5000, units: 2}),
  size('Performance-M', 2560, {shares: 12, cpus: 2, pids: 16_384, centsPerMonth: 25_000, units: 8}),
  size('Performance-L', 14 * 1024, {shares: 50, cpus: 8, pids: 32_768, centsPerMonth: 50_000, units: 16}),
  size('Performance-L-RAM', 30 * 1024, {shares: 24, cpus: 4, pids: 16_384, centsPerMonth: 50_000, units: 16}),
  size('Performance-XL', 62 * 1024, {shares: 50, cpus: 8, pids: 32_768, centsPerMonth: 75_000, units: 30}),
  size('Performance-2XL', 126 * 1024, {shares: 100, cpus: 16, pids: 65_536, centsPerMonth: 150_000, units: 60}),
]

const text = (bytes: number): string => (bytes < 1024 * MB ? `${Math.floor(bytes / MB)} MB` : `${Math.floor(bytes / (102.4 * MB)) / 10} GB`)

/** What dynos of a size lack on a host, for people; undefined when it has all of it. */
export function shortage(size: DynoSize, host: {cpus: number; memoryBytes: number}): string | undefined {
  const lacks = [
    ...(host.memoryBytes < size.memoryBytes ? [`${text(host.memoryBytes)} of memory, not ${text(size.memoryBytes)}`] : []),
    ...(host.cpus < (size.cpus ?? 0) ? [`${host.cpus} ${host.cpus === 1 ? 'CPU' : 'CPUs'}, not ${size.cpus}`] : []),
  ]
  return lacks.length === 0 ? undefined : `${size.name} dynos get what this machine has: ${lacks.join(', and ')}.`
}

const legacy: Record<string, string> = {'1x': 'standard-1x', '2x': 'standard-2x', px: 'performance-l', free: 'eco', hobby: 'basic'}

export const defaultDynoSize = 'Basic'

/** The size of that name, in any case, or a legacy alias (`1X`, `hobby`); undefined when there is none. */
export function findDynoSize(name: string): DynoSize | undefined {
  const wanted = legacy[name.toLowerCase()] ?? name.toLowerCase()
  return dynoSizes.find(one => one.name.toLowerCase() === wanted)
}
