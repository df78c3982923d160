/** What one build may take. Heroku's numbers where it has some (heroku-platform.md 5.1, 5.2). */
export interface BuildLimits {
  /** From the build's turn to its slug, in ms. */
  timeout: number
  /** Bytes of a compressed slug, and from where on one is warned of. */
  slug: number
  slugWarning: number
  /** Bytes that one step prints, and all that are passed on. */
  output: number
  /** Bytes of memory, and processes and threads, of one step. */
  memory: number
  processes: number
  /** Bytes of the engine's disk that a step leaves free. */
  diskReserve: number
}

const megabyte = 1 << 20
const minute = 60_000

export const herokuLimits: BuildLimits = {
  timeout: 15 * minute,
  slug: 500 * megabyte,
  slugWarning: 300 * megabyte,
  output: 100 * megabyte,
  // A build dyno's, as heroku/nodejs and others count on it.
  memory: 2560 * megabyte,
  processes: 4096,
  diskReserve: 1024 * megabyte,
}

/** Heroku's limits but for those that the runtime's environment names, in minutes or MB. What is no positive number counts as absent. */
export function buildLimits(env: NodeJS.ProcessEnv): BuildLimits {
  const given = (name: string, unit: number): number | undefined => {
    const value = Number(env[name] ?? '')
    return value > 0 && Number.isFinite(value) ? Math.round(value * unit) : undefined
  }
  return {
    ...herokuLimits,
    timeout: given('HOKKU_BUILD_TIMEOUT', minute) ?? herokuLimits.timeout,
    slug: given('HOKKU_SLUG_LIMIT', megabyte) ?? herokuLimits.slug,
    output: given('HOKKU_BUILD_OUTPUT', megabyte) ?? herokuLimits.output,
    memory: given('HOKKU_BUILD_MEMORY', megabyte) ?? herokuLimits.memory,
    processes: given('HOKKU_BUILD_PROCESSES', 1) ?? herokuLimits.processes,
    diskReserve: given('HOKKU_BUILD_DISK_RESERVE', megabyte) ?? herokuLimits.diskReserve,
  }
}
