import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {PassThrough} from 'node:stream'
import {LocalPostgres} from '../test/support/local-postgres.js'
import type {World} from '../test/support/world.js'
import {beside, fill, serverOf} from './backups.js'
import type {Bench} from './bench.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** pg:push and pg:pull of a database of 1 GB, against the same clients between the same servers without us. Needs a PostgreSQL server on this machine. */
export async function pushPullRows(bench: Bench): Promise<BenchRow[]> {
  if (!LocalPostgres.available) throw new Error('This machine has no PostgreSQL server to push from: apt-get install postgresql.')
  await using local = await LocalPostgres.start()
  const world = await bench.world(async made => void Object.assign(made.env, local.env))
  await world.ok('create bench')
  await world.ok('addons:create heroku-postgresql:standard-0 --app bench')
  const inside = await beside(world)
  local.sql('postgres', 'CREATE DATABASE mine')
  local.sql('mine', fill)
  const size = Number(local.sql('mine', 'SELECT pg_database_size(current_database())'))
  const url = (await world.ok('config:get DATABASE_URL --app bench')).trim().replace(/\/[^/]*$/, '/bare')
  const owner = decodeURIComponent(new URL(url).username)
  const found = await medians(bench.rounds, {
    push: async () => {
      await world.ok('pg:reset --confirm bench --app bench')
      return await time(() => world.ok('pg:push mine DATABASE_URL --app bench'))
    },
    pipe: async () => {
      await inside(`dropdb --if-exists bare && createdb --owner=${owner} bare`)
      const restore = `pg_restore --no-owner --no-acl -d '${url}' && psql -qX -d '${url}' -c ANALYZE`
      return await time(() => shell(world, `pg_dump -F c -Z 0 mine | { ${restore}; }`))
    },
    pull: async () => {
      local.sql('postgres', 'DROP DATABASE IF EXISTS pulled')
      return await time(() => world.ok('pg:pull DATABASE_URL pulled --app bench'))
    },
    back: async () => {
      local.sql('postgres', 'DROP DATABASE IF EXISTS bare')
      return await time(() => dumpInto(world, local))
    },
  })
  const what = `of ${Math.round(size / 2 ** 20)} MB`
  return [
    atMost(1.3, {what: `pg:push ${what} (floor: pg_dump into pg_restore, ANALYZE)`, value: found.push, floor: found.pipe, unit: 'ms'}),
    atMost(1.3, {what: `pg:pull ${what} (floor: the server's pg_dump into psql)`, value: found.pull, floor: found.back, unit: 'ms'}),
  ]
}

async function shell(world: World, script: string): Promise<void> {
  const {exitCode, stderr} = await world.exec('bash', ['-o', 'pipefail', '-ec', script], world.directory)
  if (exitCode !== 0) throw new Error(`${script}: ${stderr}`)
}

/** The server's own pg_dump, since that of this machine may be older and would refuse, into a new database of this machine. */
async function dumpInto(world: World, local: LocalPostgres): Promise<void> {
  local.sql('postgres', 'CREATE DATABASE bare')
  const container = world.docker.getContainer(await serverOf(world))
  // An older server does not know the setting.
  const script = "pg_dump --no-owner --no-acl | sed '1,40{/^SET transaction_timeout/d}'"
  const exec = await container.exec({Cmd: ['bash', '-c', script], AttachStdout: true, AttachStderr: true})
  const output = await exec.start({})
  const [dump, errors] = [new PassThrough(), new PassThrough()]
  world.docker.modem.demuxStream(output, dump, errors)
  output.once('end', () => dump.end())
  errors.resume()
  const args = ['-qX', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-o', '/dev/null', '-d', 'bare']
  const psql = spawn('psql', args, {env: {...process.env, ...local.env}, stdio: ['pipe', 'ignore', 'inherit']})
  dump.pipe(psql.stdin)
  const [code] = (await once(psql, 'exit')) as [number]
  if (code !== 0) throw new Error(`psql ended with ${code}`)
}
