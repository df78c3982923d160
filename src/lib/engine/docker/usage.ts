import {EngineError, type Usage} from '../engine.js'
import {type DockerApi, jsonLines} from './api.js'

/** The part of a reading of `GET /containers/{id}/stats` that we read. */
export interface StatsAnswer {
  read: string
  pids_stats?: {current?: number}
  cpu_stats: CpuStats
  precpu_stats: CpuStats
  memory_stats: {usage?: number; limit?: number; stats?: Record<string, number>}
}

interface CpuStats {
  cpu_usage: {total_usage: number; percpu_usage?: number[] | null}
  system_cpu_usage?: number
  online_cpus?: number
}

/** A reading each second; ends when the container does. */
export async function* dockerUsage(api: DockerApi, id: string, signal: AbortSignal): AsyncGenerator<Usage> {
  const call = {
    method: 'GET',
    path: `/containers/${id}/stats`,
    query: {stream: true},
    doing: `measure the container ${id}`,
    signal,
  } as const
  try {
    for await (const answer of jsonLines<StatsAnswer>(await api.stream(call))) {
      const ended = answer.memory_stats.usage === undefined
      if (ended) return
      if (answer.precpu_stats.system_cpu_usage !== undefined) yield usageOf(answer)
    }
  } catch (error) {
    if (signal.aborted || (error instanceof EngineError && error.code === 'not_found')) return
    throw error
  }
}

/** Both cgroup versions. Memory leaves out the page cache that the kernel would give back first, as `docker stats` does. */
export function usageOf({read, pids_stats, cpu_stats, precpu_stats, memory_stats}: StatsAnswer): Usage {
  const used = cpu_stats.cpu_usage.total_usage - precpu_stats.cpu_usage.total_usage
  const passed = (cpu_stats.system_cpu_usage ?? 0) - (precpu_stats.system_cpu_usage ?? 0)
  const cpus = cpu_stats.online_cpus ?? cpu_stats.cpu_usage.percpu_usage?.length ?? 1
  const {usage = 0, limit = 0, stats = {}} = memory_stats
  const inactive = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  const memoryBytes = inactive < usage ? usage - inactive : usage
  return {
    at: new Date(read),
    cpuPercent: passed > 0 && used > 0 ? (used / passed) * cpus * 100 : 0,
    memoryBytes,
    memoryCacheBytes: usage - memoryBytes,
    memoryLimitBytes: limit,
    pids: pids_stats?.current ?? 0,
  }
}
