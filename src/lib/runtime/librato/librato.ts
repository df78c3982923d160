import type {MetricSeries} from '../../schema/metrics.js'
import type {AddonRecord} from '../addons/addons.js'
import {type ServedDeps, ServedService} from '../addons/served-service.js'
import {stampLength} from '../logplex/line-format.js'
import type {Logplex} from '../logplex/logplex.js'
import type {Clock} from '../support/clock.js'
import {type Measurement, mayMeasure, measurementsOf} from './measurements.js'
import {SeriesBuilder} from './series.js'

export interface LibratoDeps extends ServedDeps {
  logplex: Pick<Logplex, 'read' | 'append'>
  clock: Clock
}

/** Numbers that the logs of apps hold. Nothing is kept beside the logs: what is measured is there as long as the lines are. */
export class Librato {
  /** Its add-ons. */
  readonly service: ServedService

  constructor(private readonly deps: LibratoDeps) {
    this.service = new ServedService('librato', 'Librato', deps)
  }

  /** What was measured in the last hours. */
  async series(addon: AddonRecord, hours: number, signal: AbortSignal): Promise<MetricSeries[]> {
    const {logplex, clock} = this.deps
    const builder = new SeriesBuilder(resolutionFor(hours))
    const since = new Date(clock.now().getTime() - hours * 3_600_000)
    for await (const batch of logplex.read(addon.appId, {lines: 'all', tail: false, since, grep: mayMeasure}, signal))
      for (const {text} of batch) {
        const at = new Date(text.slice(0, stampLength))
        for (const one of measurementsOf(text)) builder.add(at, one)
      }
    return builder.series()
  }

  /** Writes measurements into the app's log, as an app would that has no client for them. */
  accept(addon: AddonRecord, source: string | undefined, measurements: Omit<Measurement, 'unit'>[]): void {
    const {logplex, clock} = this.deps
    const origin = source === undefined ? '' : `source=${source.replace(/\s/g, '_')} `
    for (const {kind, name, value} of measurements)
      logplex.append(addon.appId, {at: clock.now(), source: 'app', ps: 'librato', message: `${origin}${kind}#${name}=${value}`})
  }
}

/** Heroku's: minutes for two hours, ten minutes for a day, hours beyond. */
function resolutionFor(hours: number): number {
  if (hours <= 2) return 60
  return hours <= 24 ? 600 : 3600
}
