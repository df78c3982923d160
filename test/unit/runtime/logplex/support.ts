import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createLogplex, type LogplexLimits} from '../../../../src/lib/runtime/logplex/create-logplex.js'
import type {LogLine, Logplex, LogRequest} from '../../../../src/lib/runtime/logplex/logplex.js'
import type {Store} from '../../../../src/lib/runtime/store/store.js'
import type {Clock} from '../../../../src/lib/runtime/support/clock.js'
import {runtimeLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {scratchStore} from '../../../support/unsynced-store.js'

export const app = '01234567-89ab-cdef-0123-456789abcdef'
export const noon = new Date('2026-11-22T12:00:00.123Z')
export const stamp = '2026-11-22T12:00:00.123000+00:00'

/** Time moves only when told to. Sleepers wake when their moment is passed. */
export class HeldClock implements Clock {
  private time = noon.getTime()
  private readonly sleepers: {until: number; wake: () => void}[] = []

  now(): Date {
    return new Date(this.time)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sleepers.push({until: this.time + ms, wake: resolve})
      signal?.addEventListener('abort', () => reject(signal.reason), {once: true})
    })
  }

  pass(ms: number): void {
    this.time += ms
    for (const sleeper of this.sleepers) if (sleeper.until <= this.time) sleeper.wake()
  }
}

/** A logplex in a directory of its own, which can be opened again as after a restart. */
export class Bench implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'hokku-logs-'))
  readonly clock = new HeldClock()
  readonly runtimeLog: string[] = []

  private constructor(
    readonly store: Store,
    private readonly limits: Partial<LogplexLimits>,
    private current: Logplex | undefined,
  ) {}

  static async open(limits: Partial<LogplexLimits> = {}): Promise<Bench> {
    const bench = new Bench(await scratchStore(), limits, undefined)
    await bench.reopen()
    return bench
  }

  get logplex(): Logplex {
    if (this.current === undefined) throw new Error('not open')
    return this.current
  }

  /** A new logplex on the same files; the old one is left as a kill would leave it. */
  async reopen(): Promise<Logplex> {
    const {directory, store, clock, limits} = this
    this.current = createLogplex({directory, store, clock, log: runtimeLog(line => this.runtimeLog.push(line)), limits})
    await this.current.start()
    return this.current
  }

  say(message: string, ps = 'web.1', source: 'app' | 'heroku' = 'app'): void {
    this.logplex.append(app, {at: this.clock.now(), source, ps, message})
  }

  async history(request: Partial<LogRequest> = {}): Promise<LogLine[]> {
    const lines: LogLine[] = []
    for await (const batch of this.logplex.read(app, {lines: 1500, tail: false, ...request}, new AbortController().signal))
      lines.push(...batch)
    return lines
  }

  async messages(request: Partial<LogRequest> = {}): Promise<string[]> {
    return (await this.history(request)).map(({text}) => text.slice(text.indexOf(']: ') + 3))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.current?.close()
    this.store.close()
    rmSync(this.directory, {recursive: true, force: true})
  }
}

/** Numbers that look random and are the same in every run. */
export function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
