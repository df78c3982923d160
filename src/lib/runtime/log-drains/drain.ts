import {createHash} from 'node:crypto'
import type {Logplex} from '../logplex/logplex.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Carrier} from './delivery.js'
import {type Batch, batchMessages, DrainBuffer} from './drain-buffer.js'
import {withoutPassword} from './drain-url.js'
import type {LogDrainRecord} from './log-drain-table.js'
import {drainMessage, overflowMessage} from './syslog.js'

export interface DrainDeps {
  logplex: Pick<Logplex, 'read' | 'append'>
  clock: Clock
  log: RuntimeLog
  carrier: Carrier
  /** The last line that was delivered before. */
  delivered: number
  /** `waiting`: messages that came after it. */
  onDelivered: (line: number, waiting: number) => void
}

/** How a drain ends: after `ending` nothing more is sent, at `cut` what is being sent breaks off. */
export interface DrainSignals {
  ending: AbortSignal
  cut: AbortSignal
}

/** How long to wait before the nth time the same messages are sent again, in ms; the last one goes on. */
const backOff = [1000, 2000, 5000, 10_000, 30_000]

/** Codes of a certificate that was not accepted (Node's names for X509_V_ERR_*). */
const untrusted = /CERT|SIGNATURE|ISSUER|ALTNAME|HOSTNAME|CRL|PATH_LENGTH|INVALID_(CA|PURPOSE)/

/** Brings an app's lines to one receiver until it is ended, or until the app's log ends. Never rejects. */
export async function drain(record: LogDrainRecord, deps: DrainDeps, signals: DrainSignals): Promise<void> {
  const buffer = new DrainBuffer(() => deps.clock.now())
  const stopped = new AbortController()
  // Both to their ends: what is being sent when reading ends is sent whole.
  const work = await Promise.allSettled([
    fill(buffer, record, deps, AbortSignal.any([signals.ending, stopped.signal])),
    empty(buffer, record, deps, signals).finally(() => stopped.abort()),
  ])
  deps.carrier.close()
  const error = work.find(one => one.status === 'rejected')?.reason
  if (error !== undefined && !signals.ending.aborted) deps.log.error('a log drain ended', {app: record.appId, drain: record.id, error})
}

async function fill(buffer: DrainBuffer, record: LogDrainRecord, deps: DrainDeps, signal: AbortSignal): Promise<void> {
  try {
    for await (const lines of deps.logplex.read(record.appId, {lines: 0, tail: true, after: deps.delivered}, signal))
      buffer.push(lines.flatMap(line => drainMessage(line, deps.carrier.host) ?? []))
  } finally {
    buffer.end()
  }
}

async function empty(buffer: DrainBuffer, record: LogDrainRecord, deps: DrainDeps, signals: DrainSignals): Promise<void> {
  const {carrier, clock} = deps
  const {ending} = signals
  for (let batch = await buffer.take(ending); batch !== undefined; batch = await buffer.take(ending)) {
    await deliver(batch, record, deps, signals)
    deps.onDelivered(batch.messages.at(-1)?.id as number, buffer.size)
    if (buffer.size < batchMessages) await clock.sleep(carrier.pause, ending)
  }
}

/** Until the receiver has taken it. */
async function deliver(batch: Batch, record: LogDrainRecord, deps: DrainDeps, {ending, cut}: DrainSignals): Promise<void> {
  const {carrier, clock} = deps
  const notice = batch.dropped === undefined ? [] : [overflowMessage(batch.dropped, carrier.host, clock.now())]
  const frames = [...notice, ...batch.messages.map(message => message.frame)]
  const id = createHash('sha256').update(record.token).update(Buffer.concat(frames)).digest('hex').slice(0, 32)
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await carrier.send({frames, id}, cut)
    } catch (error) {
      if (ending.aborted) throw error
      if (attempt === 0) refused(record, deps, error as NodeJS.ErrnoException)
    }
    await clock.sleep(backOff[Math.min(attempt, backOff.length - 1)] as number, ending)
  }
}

/** Said once for each time it begins. A certificate is the app's owner's to mend, so the app's log says it (L14). */
function refused(record: LogDrainRecord, {clock, log, logplex}: DrainDeps, error: NodeJS.ErrnoException): void {
  const uri = withoutPassword(record.url)
  log.info('a log drain takes nothing', {app: record.appId, drain: record.id, because: error.message})
  if (!untrusted.test(error.code ?? '')) return
  const reason = error.message.replaceAll('"', "'")
  const message = `Error L14 (certificate validation): error="${reason}" uri="${uri}"`
  logplex.append(record.appId, {at: clock.now(), source: 'heroku', ps: 'logplex', message})
}
