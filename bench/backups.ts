import {label} from '../src/lib/engine/labels.js'
import type {World} from '../test/support/world.js'
import type {Bench} from './bench.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** About 1 GB with its indexes: text that compresses as text does, numbers, and two indexes to be made again. */
export const fill = `
CREATE TABLE orders (id int PRIMARY KEY, customer int, note text);
INSERT INTO orders SELECT i, i % 100000, md5(i::text) || md5((i + 7)::text) || 'a note that is the same in every row' FROM generate_series(1, 6000000) i;
CREATE INDEX ON orders (customer);
VACUUM ANALYZE orders`

/** Capture and restore of a database of 1 GB, against bare pg_dump and pg_restore beside the same server. */
export async function backupRows(bench: Bench): Promise<BenchRow[]> {
  const world = await bench.world()
  await world.ok('create bench')
  await world.ok('addons:create heroku-postgresql:standard-0 --app bench')
  const inside = await beside(world)
  await inside(`psql -qX -v ON_ERROR_STOP=1 -d "$DATABASE" <<'SQL'\n${fill}\nSQL`)
  const size = Number(await inside('psql -qtAXc "SELECT pg_database_size(\'$DATABASE\')"'))
  const restore = 'pg_restore --no-owner --no-acl --exit-on-error -d bare /data/bare.dump && psql -qX -d bare -c ANALYZE'
  const capture = 'pg:backups:capture --wait-interval 1 --app bench'
  await inside('pg_dump --format=custom --file=/data/bare.dump "$DATABASE"')
  await world.ok(capture)
  const found = await medians(bench.rounds, {
    capture: () => time(() => world.ok(capture)),
    dump: () => time(() => inside('pg_dump --format=custom --file=/data/bare.dump "$DATABASE"')),
    restore: () => time(() => world.ok('pg:backups:restore b001 DATABASE_URL --wait-interval 1 --confirm bench --app bench')),
    load: async () => {
      await inside('dropdb --if-exists bare && createdb bare')
      return await time(() => inside(restore))
    },
  })
  const what = `of ${Math.round(size / 2 ** 20)} MB`
  return [
    atMost(1.3, {what: `pg:backups:capture ${what} (floor: pg_dump)`, value: found.capture, floor: found.dump, unit: 'ms'}),
    atMost(1.3, {what: `pg:backups:restore ${what} (floor: pg_restore, ANALYZE)`, value: found.restore, floor: found.load, unit: 'ms'}),
  ]
}

/** The container of the database of the app `bench`. */
export async function serverOf(world: World): Promise<string> {
  const [addon] = await world.json<{id: string}[]>('addons --app bench')
  return (await world.engine.observe({[label.addon]: addon?.id ?? ''}))[0]?.id as string
}

/** Runs a shell line in it, as PostgreSQL's superuser. */
export async function beside(world: World): Promise<(script: string) => Promise<string>> {
  const container = await serverOf(world)
  return async script => {
    const line = `export DATABASE="$PGDATABASE" PGUSER=postgres PGHOST=/run/postgresql; unset PGPASSWORD PGDATABASE; set -e; ${script}`
    const {exitCode, stdout, stderr} = await world.engine.exec(container, ['bash', '-c', line])
    if (exitCode !== 0) throw new Error(`${script}: ${stderr.toString()}`)
    return stdout.toString().trim()
  }
}
