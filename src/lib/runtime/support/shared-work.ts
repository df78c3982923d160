import type {Clock} from './clock.js'

type Listener = (line: string) => void

interface Running<T> {
  what: string
  since: Date
  lines: string[]
  listeners: Set<Listener>
  ended: Promise<T>
}

/** What is being prepared now, for whoever wants to know why it takes so long. */
export interface Preparation {
  /** `the stack heroku-24` */
  what: string
  since: Date
  /** Its last line. */
  line: string
}

/** Work that several callers wait for: each hears all that it says from the beginning, and one that leaves stops nothing. */
export class SharedWork<T> {
  private readonly running = new Map<string, Running<T>>()

  constructor(private readonly clock: Clock) {}

  /** Joins the work of that key, or begins it. Rejects with the signal's reason when it aborts; the work goes on. */
  async join(
    key: string,
    what: string,
    begin: (onLine: Listener) => Promise<T>,
    wait: {onLine: Listener; signal?: AbortSignal},
  ): Promise<T> {
    const work = this.running.get(key) ?? this.begin(key, what, begin)
    for (const line of work.lines) wait.onLine(line)
    work.listeners.add(wait.onLine)
    return await abortable(work.ended, wait.signal).finally(() => work.listeners.delete(wait.onLine))
  }

  now(): Preparation[] {
    return [...this.running.values()].map(({what, since, lines}) => ({what, since, line: lines.at(-1)?.trim() ?? ''}))
  }

  private begin(key: string, what: string, begin: (onLine: Listener) => Promise<T>): Running<T> {
    const lines: string[] = []
    const listeners = new Set<Listener>()
    const say = (line: string): void => {
      lines.push(line)
      for (const listener of listeners) listener(line)
    }
    // Later, so that whoever begins it hears the first line too.
    const ended = Promise.resolve()
      .then(() => begin(say))
      .finally(() => this.running.delete(key))
    ended.catch(() => undefined)
    const work = {what, since: this.clock.now(), lines, listeners, ended}
    this.running.set(key, work)
    return work
  }
}

/** The work's outcome, unless the signal aborts first. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, {once: true})
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
