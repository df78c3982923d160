import {expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

/** The classic tutorial's app: a web process that reads what the release command wrote, a worker that consumes a list. */
const files = {
  Procfile: 'web: npm start\nworker: node worker.js\nrelease: node db-migrate.js\n',
  'package.json': nodeManifest({scripts: {start: 'node index.js'}, dependencies: {pg: '8.16.3', redis: '5.8.2'}}),
  'app.json': JSON.stringify({
    name: 'mon-app',
    description: 'The tutorial app',
    buildpacks: [{url: 'heroku/nodejs'}],
    formation: {web: {quantity: 1, size: 'basic'}, worker: {quantity: 1, size: 'basic'}},
    addons: ['heroku-postgresql:mini', 'heroku-redis:mini'],
    env: {NODE_ENV: {value: 'production'}, API_KEY: {description: 'a key', required: true}},
  }),
  'db.js': `const {Client} = require('pg')
exports.query = async (sql, values) => {
  const client = new Client({connectionString: process.env.DATABASE_URL})
  await client.connect()
  try { return (await client.query(sql, values)).rows } finally { await client.end() }
}
`,
  'db-migrate.js': `const {query} = require('./db')
;(async () => {
  await query('create table if not exists notes (text text)')
  await query('insert into notes select $1 where not exists (select 1 from notes)', ['written by the migration'])
  console.log('migrated')
})().catch(error => { console.error(error); process.exit(1) })
`,
  'index.js': `const http = require('http')
const {createClient} = require('redis')
const {query} = require('./db')
const redis = createClient({url: process.env.REDIS_URL})
redis.connect().catch(error => { console.error(error); process.exit(1) })
http.createServer(async (request, response) => {
  try {
    if (request.url === '/push') await redis.lPush('jobs', 'job ' + Date.now())
    const [note] = await query('select text from notes')
    response.end(JSON.stringify({note: note.text, env: process.env.NODE_ENV, key: process.env.API_KEY, done: Number(await redis.get('done'))}))
  } catch (error) { response.statusCode = 500; response.end(String(error)) }
}).listen(process.env.PORT, () => console.log('listening on', process.env.PORT))
`,
  'worker.js': `const {createClient} = require('redis')
const redis = createClient({url: process.env.REDIS_URL})
;(async () => {
  await redis.connect()
  console.log('waiting for jobs')
  for (;;) {
    const job = await redis.brPop('jobs', 0)
    await redis.incr('done')
    console.log('worked on', job.element)
  }
})().catch(error => { console.error(error); process.exit(1) })
`,
}

it('does the classic tutorial line for line', async () => {
  await using world = await World.start()
  const folder = await world.project('mon-app', files)

  const created = await world.hokku('create mon-app-production', folder)
  expect(created.stderr).toContain('Creating mon-app-production... done')
  expect(created.stdout).toMatch(
    /^http:\/\/mon-app-production\.localhost(:\d+)?\/ \| http:\/\/127\.0\.0\.1:\d+\/mon-app-production\.git\n$/,
  )

  expect(await world.ok('addons:create heroku-postgresql:mini', folder)).toMatch(/^Created postgresql-[a-z]+-\d{5} as DATABASE_URL$/m)
  expect(await world.ok('addons:create heroku-redis:mini', folder)).toMatch(/^Created redis-[a-z]+-\d{5} as REDIS_URL$/m)
  expect(await world.ok('config:set NODE_ENV=production', folder)).toBe('NODE_ENV: production\n')
  expect(await world.ok(['config:set', 'API_KEY=s3cr3t $x "y"'], folder)).toBe('API_KEY: s3cr3t $x "y"\n')

  const push = await world.push(folder)
  expect(push.stderr).toContain('remote: -----> Node.js app detected')
  expect(push.stderr).toMatch(/remote: {8}Procfile declares types {5}-> release, web, worker/)
  expect(push.stderr).toContain('Release command declared: this new release will not be available until the command succeeds.')
  expect(push.stderr).toMatch(/migrated[\s\S]*Waiting for release\.\.\.\. done\./)
  expect(push.exitCode).toBe(0)

  expect((await world.hokku('ps:scale web=2 worker=1', folder)).stderr).toBe(
    'Scaling dynos... done, now running web at 2:Basic, worker at 1:Basic\n',
  )
  await eventually(async () => expect(await dynoStates(world, folder)).toEqual({'web.1': 'up', 'web.2': 'up', 'worker.1': 'up'}), 60_000)

  const answer = JSON.parse((await world.get('mon-app-production', '/push')).body)
  expect(answer).toMatchObject({note: 'written by the migration', env: 'production', key: 's3cr3t $x "y"'})
  await eventually(async () => expect(JSON.parse((await world.get('mon-app-production')).body).done).toBe(1), 30_000)

  const tail = world.follow('logs --tail', folder)
  await eventually(async () => {
    await world.get('mon-app-production', '/push')
    expect(tail.text()).toMatch(/ app\[worker\.1\]: worked on job \d+/)
    expect(tail.text()).toMatch(
      / heroku\[router\]: at=info method=GET path="\/push" host=mon-app-production\.localhost .* dyno=web\.[12] .* status=200 /,
    )
  }, 60_000)
  tail.stop()

  expect(await world.ok(['pg:psql', '-c', 'select text from notes'], folder)).toContain('written by the migration')
  const releases = await world.json<{version: number; status: string; current: boolean}[]>('releases', folder)
  expect(releases[0]).toMatchObject({status: 'succeeded', current: true})
  expect((await world.hokku('apps:destroy --confirm mon-app-production', folder)).exitCode).toBe(0)
  expect(await world.containersOf('mon-app-production')).toEqual([])
})

async function dynoStates(world: World, folder: string): Promise<Record<string, string>> {
  const dynos = await world.json<{name: string; state: string}[]>('ps', folder)
  return Object.fromEntries(dynos.map(dyno => [dyno.name, dyno.state]))
}
