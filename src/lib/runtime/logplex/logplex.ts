import type {LogEntry, LogSink} from '../support/log-sink.js'

export interface LogFilter {
  source?: string
  /** `web.1` */
  dyno?: string
  /** `web`: every dyno of that type. */
  type?: string
}

/** One rendered line (no newline) and its place in the app's stream. */
export interface LogLine {
  /** Grows along the stream; what `Last-Event-ID` refers to. */
  id: number
  text: string
}

export interface LogRequest extends LogFilter {
  /** Lines of history, at most 1500. */
  lines: number
  tail: boolean
  /** Continue after this id instead of `lines` of history. */
  after?: number
}

/** One ordered stream of lines per app: appended to segment files, pushed to tails. */
export interface Logplex extends LogSink {
  /** Recovers after a kill: cuts a half-written last line, rebuilds indexes. */
  start(): Promise<void>
  append(appId: string, entry: LogEntry): void
  /**
   * Bytes of one container's output become lines of `app[<dyno>]`. Never blocks; returns the writer for further chunks.
   * `container` keys the cursor kept for catching up after a runtime restart.
   */
  output(appId: string, dyno: string, container: string): OutputWriter
  /** What was read last of that container's output, to be skipped in the engine's own copy; undefined when nothing was. */
  cursor(container: string): OutputCursor | undefined
  /** History, then live lines when `tail`. A reader that is slow loses lines (L11), never blocks anybody. */
  read(appId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine[]>
  /** Everything accepted is on disk. */
  flush(): Promise<void>
  removeApp(appId: string): Promise<void>
  close(): Promise<void>
}

export interface OutputWriter {
  write(stream: 'stdout' | 'stderr', data: Buffer, at?: Date): void
  /** The container's output has ended: a last line without newline is written too. */
  end(): void
}

/** Enough to find the first line of the engine's copy that has not been read: time of the last line read and the last lines themselves. */
export interface OutputCursor {
  at: Date
  /** Digests of the last lines, oldest first. */
  tail: string[]
}
