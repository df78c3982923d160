import type {LogEntry, LogSink} from '../support/log-sink.js'
import type {Grep} from './grep.js'
import type {Retention} from './retention.js'

export interface LogFilter {
  source?: string
  /** `web.1` */
  dyno?: string
  /** `web`: every dyno of that type. */
  type?: string
  /** Must hold for the line as it is shown. */
  grep?: Grep
  /** Lines of that moment and later ones. */
  since?: Date
  /** Lines before that moment. */
  until?: Date
}

/** One rendered line (no newline) and its place in the app's stream. */
export interface LogLine {
  /** Grows along the stream; what `Last-Event-ID` refers to. */
  id: number
  text: string
}

export interface LogRequest extends LogFilter {
  /** Newest lines of history, at most 1500; `all` that are kept. */
  lines: number | 'all'
  tail: boolean
  /** Continue after this id instead of `lines` of history. */
  after?: number
}

/** One ordered stream of lines per app: appended to segment files, pushed to tails. */
export interface Logplex extends LogSink {
  /** Makes the directory. A half-written last line, left by a kill, is cut when its app's stream is first used. */
  start(): Promise<void>
  append(appId: string, entry: LogEntry): void
  /**
   * Bytes of one container's output become lines of `app[<dyno>]`. Never blocks; returns the writer for further chunks.
   * `container` (its id in the engine) lets `cursor` tell after a runtime restart what was read of it.
   */
  output(appId: string, dyno: string, container: string): OutputWriter
  /** What was read last of that container's output, told by the stream itself; undefined when nothing was. */
  cursor(container: string): OutputCursor | undefined
  /** History, then live lines when `tail`. A reader that is slow loses lines (L11), never blocks anybody. */
  read(appId: string, request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine[]>
  /** The id of the app's last line so far; 0 before the first. */
  end(appId: string): number
  /** How much is kept of an app's lines. */
  retention(appId: string): Retention
  /** Undefined: as for every app. What is too much or too old goes at once. */
  setRetention(appId: string, retention: Retention | undefined): void
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

/** Enough to find the first line of the engine's copy that has not been read; `linesAfter` (cursor.ts) does it. */
export interface OutputCursor {
  /** Ask the engine for its copy from here: before the oldest line of `tail`, with a margin. */
  at: Date
  /** The last lines read, oldest first, each as its bytes in latin1. Lines of another container of the same dyno name may be among them. */
  tail: string[]
  /** When the last line of `tail` was read. */
  last: Date
}
