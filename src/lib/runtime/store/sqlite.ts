import type {DatabaseSync} from 'node:sqlite'
import {explainSqlite} from './explain.js'

export type SqlValue = string | number | bigint | null | Uint8Array
export type Row = Record<string, SqlValue>

/** SQLite through the `node:sqlite` API: built in from Node 22.13, else the package with the same API. */
async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  try {
    return await withoutExperimentalWarning(() => import('node:sqlite'))
  } catch {
    return (await import('@photostructure/sqlite')) as unknown as typeof import('node:sqlite')
  }
}

async function withoutExperimentalWarning<T>(load: () => Promise<T>): Promise<T> {
  const emit = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emit.call(process, warning, ...rest)
  }) as typeof process.emitWarning
  try {
    return await load()
  } finally {
    process.emitWarning = emit
  }
}

/** Opens a database file, or `:memory:`. */
export async function openSqlite(path: string): Promise<Sqlite> {
  const {DatabaseSync} = await loadSqlite()
  try {
    return new Sqlite(new DatabaseSync(path), path)
  } catch (error) {
    throw explainSqlite(error, path)
  }
}

/** Prepared statements by their text, and transactions that nest. Synchronous: one writer, in one process. */
export class Sqlite {
  private readonly statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  private depth = 0

  constructor(
    private readonly database: DatabaseSync,
    private readonly path: string,
  ) {}

  exec(sql: string): void {
    this.explained(() => this.database.exec(sql))
  }

  all<T>(sql: string, ...values: SqlValue[]): T[] {
    return this.explained(() => this.prepare(sql).all(...values)) as T[]
  }

  get<T>(sql: string, ...values: SqlValue[]): T | undefined {
    return this.explained(() => this.prepare(sql).get(...values)) as T | undefined
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.explained(() => this.prepare(sql).run(...values)).changes)
  }

  /** All or nothing; an inner transaction that throws undoes only itself. */
  transaction<T>(work: () => T): T {
    const outermost = this.depth === 0
    const mark = `t${this.depth}`
    this.exec(outermost ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${mark}`)
    this.depth += 1
    try {
      const result = work()
      this.exec(outermost ? 'COMMIT' : `RELEASE ${mark}`)
      return result
    } catch (error) {
      this.undo(outermost ? 'ROLLBACK' : `ROLLBACK TO ${mark}; RELEASE ${mark}`)
      throw error
    } finally {
      this.depth -= 1
    }
  }

  /** Writes the whole database as of now into a new file. */
  copyTo(path: string): void {
    this.run('VACUUM INTO ?', path)
  }

  /** How SQLite goes about each statement prepared so far, step by step, by the statement's text. */
  plans(): Map<string, string[]> {
    const steps = (sql: string): string[] =>
      (this.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as {detail: string}[]).map(step => step.detail)
    return new Map([...this.statements.keys()].filter(sql => !sql.startsWith('PRAGMA')).map(sql => [sql, steps(sql)]))
  }

  close(): void {
    this.statements.clear()
    this.database.close()
  }

  private explained<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw explainSqlite(error, this.path)
    }
  }

  /** A disk that is full or fails has undone the whole transaction already; saying so would hide the reason. */
  private undo(sql: string): void {
    try {
      this.database.exec(sql)
    } catch {
      // There is no transaction any more.
    }
  }

  private prepare(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.statements.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      this.statements.set(sql, statement)
    }
    return statement
  }
}
