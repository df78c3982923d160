import type {Failure} from './failure.js'
import {banged} from './formats/bang.js'
import {progressBar} from './formats/bar.js'
import {type StyledValue, styledObject} from './formats/styled.js'
import {type Columns, renderTable} from './formats/table.js'
import {type Palette, paletteFor} from './palette.js'
import {type Progress, progressKind, progressOn} from './progress.js'

export interface UiOptions {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  /** Data as JSON on stdout and nothing else. */
  json: boolean
}

/** All a command says. stdout is data, stderr is everything else. */
export class Ui {
  readonly options: UiOptions
  /** Colours for stdout and for stderr: each may or may not be a terminal. */
  readonly out: Palette
  readonly err: Palette
  readonly #progress: Progress

  static async create(options: UiOptions): Promise<Ui> {
    const [out, err] = await Promise.all([paletteFor(options.stdout, options.env), paletteFor(options.stderr, options.env)])
    return new Ui(options, out, err)
  }

  private constructor(options: UiOptions, out: Palette, err: Palette) {
    this.options = options
    this.out = out
    this.err = err
    this.#progress = progressOn(options.stderr, progressKind(options.stderr, options.env, options.json))
  }

  /** A line of data. */
  log(line = ''): void {
    this.options.stdout.write(`${line}\n`)
  }

  json(value: unknown): void {
    this.log(JSON.stringify(value, null, 2))
  }

  /** `=== demo Config Vars` and an empty line. */
  header(title: string): void {
    this.log(`${this.out.heading('=== ')}${this.out.heading(title)}\n`)
  }

  object(object: Record<string, StyledValue>): void {
    for (const line of styledObject(object, this.out.name)) this.log(line)
  }

  async table<Row>(rows: readonly Row[], columns: Columns<Row>): Promise<void> {
    for (const line of await renderTable(rows, columns)) this.log(line)
  }

  /**
   * `Setting A and restarting demo... done, v5` around some work; the title has no dots at its end.
   * `status` makes the ending of the work's result, `done` by default; an error ends it with `!` and is thrown on.
   */
  async action<T>(title: string, work: () => Promise<T>, status: (result: T) => string = () => 'done'): Promise<T> {
    this.#progress.start(title)
    try {
      const result = await work()
      this.#progress.stop(status(result))
      return result
    } catch (error) {
      this.#progress.stop(this.err.failure('!'))
      throw error
    }
  }

  /** How far the action that goes on is; shown on a terminal only. `done` and `all` in bytes, `all` a guess. */
  far(done: number, all: number): void {
    this.#progress.update(progressBar(done, all))
  }

  /** A remark on stderr. Nothing with --json. */
  note(line: string): void {
    if (!this.options.json) this.#progress.line(line)
  }

  warn(message: string): void {
    if (this.options.json) return
    for (const line of banged(`Warning: ${message}`, this.#columns(), this.err.warning('›'))) this.#progress.line(line)
  }

  fail(failure: Failure): void {
    if (this.options.json) {
      this.json({id: failure.id, message: failure.message})
      return
    }
    const parts = [`Error: ${failure.message}`]
    if (failure.suggestions.length === 1) parts.push(`Try this: ${failure.suggestions[0]}`)
    else if (failure.suggestions.length > 1) parts.push(`Try this:\n${failure.suggestions.map(one => `  * ${one}`).join('\n')}`)
    if (failure.showId) parts.push(`\nError ID: ${failure.id}`)
    for (const line of banged(parts.join('\n'), this.#columns(), this.err.failure('›'))) this.#progress.line(line)
  }

  #columns(): number | undefined {
    return this.options.stderr.isTTY ? (this.options.stderr.columns ?? 80) : undefined
  }
}
