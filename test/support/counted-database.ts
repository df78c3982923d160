import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'vitest'
import type {Transfer} from '../../src/lib/client/transfers.js'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from './eventually.js'
import type {World} from './world.js'

/** So many rows of 64 bytes that a dump and a restore take a while. */
const bulkRows = 600_000

/** The database of an app `shop`, in which rows are counted while things break: each that was acknowledged must be there afterwards. */
export class CountedDatabase {
  private next = 0

  private constructor(
    readonly world: World,
    private addonId: string,
  ) {}

  static async create(world: World): Promise<CountedDatabase> {
    await world.ok('create shop')
    await world.ok('addons:create heroku-postgresql:standard-0 --name ledger --app shop')
    const database = new CountedDatabase(world, await addonOf(world))
    await database.sql('CREATE TABLE counter (n int PRIMARY KEY); CREATE TABLE bulk (line text)')
    await database.sql(`INSERT INTO bulk SELECT md5(i::text) || md5((i + 7)::text) FROM generate_series(1, ${bulkRows}) i`)
    return database
  }

  async sql(text: string): Promise<string> {
    const {exitCode, stdout, stderr} = await this.world.engine.exec(await this.server(), [
      'psql',
      '-qtAX',
      '-v',
      'ON_ERROR_STOP=1',
      '-c',
      text,
    ])
    if (exitCode !== 0) throw new Error(stderr.toString())
    return stdout.toString().trim()
  }

  /** Its container. */
  async server(): Promise<string> {
    return (await this.world.engine.observe({[label.addon]: this.addonId}))[0]?.id as string
  }

  /** The add-on came back under another id. */
  async cameBack(): Promise<void> {
    this.addonId = await addonOf(this.world)
  }

  /**
   * Does something while rows are counted, breaks something `after` ms, and waits until the database serves again. Resolves with the rows
   * that were acknowledged.
   */
  async broken(command: string, breakIt: () => Promise<void>, after: number): Promise<number[]> {
    const counter = this.counting()
    await sleep(500)
    const doing = this.world.hokku(command)
    await sleep(after)
    await breakIt()
    await doing
    await eventually(() => this.world.ok('pg:wait --app shop'), 60_000)
    await eventually(async () => expect(await this.sql('SELECT 1')).toBe('1'), 60_000)
    await sleep(500)
    const rows = await counter.stop()
    expect(rows.length).toBeGreaterThan(2)
    return rows
  }

  /** Which of these are not there. */
  async missing(rows: number[]): Promise<number[]> {
    const there = new Set(await this.rows())
    return rows.filter(n => !there.has(n))
  }

  async rows(): Promise<number[]> {
    return (await this.sql('SELECT n FROM counter')).split('\n').map(Number)
  }

  async hasBulk(): Promise<boolean> {
    return (await this.sql('SELECT count(*) FROM bulk')) === String(bulkRows)
  }

  /** What was captured or restored last, once it has ended. */
  async lastTransfer(): Promise<Transfer> {
    return await eventually(async () => {
      const last = (await this.world.json<Transfer[]>('pg:backups --app shop'))[0]
      if (typeof last?.finished_at !== 'string') throw new Error(`the transfer has not ended: ${JSON.stringify(last)}`)
      return last
    }, 60_000)
  }

  /** Inserts one row after the other, whatever happens; keeps those that were acknowledged. */
  private counting(): {stop(): Promise<number[]>} {
    const acknowledged: number[] = []
    let going = true
    const work = (async () => {
      while (going) {
        const n = this.next
        this.next += 1
        await this.sql(`INSERT INTO counter VALUES (${n})`).then(
          () => acknowledged.push(n),
          () => sleep(100),
        )
      }
    })()
    return {
      async stop() {
        going = false
        await work
        return acknowledged
      },
    }
  }
}

async function addonOf(world: World): Promise<string> {
  return (await world.json<{id: string}[]>('addons --app shop'))[0]?.id as string
}
