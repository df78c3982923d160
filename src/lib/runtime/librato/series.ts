import type {MetricPoint, MetricSeries} from '../../schema/metrics.js'
import type {Measurement} from './measurements.js'

/** Values of one metric within one stretch of time: percentiles are right to 2 %, in little memory. */
class Spread {
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  private readonly sizes = new Map<number, number>()

  add(value: number): void {
    this.count += 1
    this.sum += value
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
    const size = value <= 0 ? Number.NEGATIVE_INFINITY : Math.round(Math.log(value) / step)
    this.sizes.set(size, (this.sizes.get(size) ?? 0) + 1)
  }

  /** The value that so many per cent do not exceed. */
  percentile(percent: number): number {
    let left = Math.ceil((this.count * percent) / 100)
    for (const [size, count] of [...this.sizes].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return Math.min(this.max, Math.max(this.min, Math.exp(size * step)))
    }
    return this.max
  }
}

const step = Math.log(1.02)

/** Metrics that are kept apart: an app that names them by its users would need one for each. */
const mostMetrics = 200

/** Adds measurements up, by metric and stretch of time. */
export class SeriesBuilder {
  private readonly metrics = new Map<string, {kind: Measurement['kind']; unit: string; spreads: Map<number, Spread>}>()

  /** `resolution`: how long a stretch is, in seconds. */
  constructor(private readonly resolution: number) {}

  add(at: Date, {name, kind, value, unit}: Measurement): void {
    let metric = this.metrics.get(name)
    if (metric === undefined) {
      if (this.metrics.size >= mostMetrics) return
      metric = {kind, unit, spreads: new Map()}
      this.metrics.set(name, metric)
    }
    const begin = Math.floor(at.getTime() / 1000 / this.resolution) * this.resolution
    const spread = metric.spreads.get(begin) ?? new Spread()
    metric.spreads.set(begin, spread)
    spread.add(value)
  }

  /** By name. */
  series(): MetricSeries[] {
    return [...this.metrics]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, {kind, unit, spreads}]) => ({
        name,
        kind,
        unit,
        resolution: this.resolution,
        points: [...spreads].sort(([a], [b]) => a - b).map(([begin, spread]) => pointOf(begin, spread)),
      }))
  }
}

function pointOf(begin: number, spread: Spread): MetricPoint {
  const [p50, p95, p99] = [50, 95, 99].map(percent => rounded(spread.percentile(percent))) as [number, number, number]
  return {at: begin, count: spread.count, sum: rounded(spread.sum), min: spread.min, max: spread.max, p50, p95, p99}
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
