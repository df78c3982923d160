/** A metric of an app over time, as `GET /apps/:app/librato/metrics` lists it. */
export interface MetricSeries {
  /** `router.service` */
  name: string
  kind: 'count' | 'measure' | 'sample'
  unit: string
  /** Seconds of a point. */
  resolution: number
  /** In order of time; there is none where nothing was said. */
  points: MetricPoint[]
}

export interface MetricPoint {
  /** When it begins, in seconds since 1970. */
  at: number
  count: number
  sum: number
  min: number
  max: number
  p50: number
  p95: number
  p99: number
}
