import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {eventually} from '../support/eventually.js'
import {World} from '../support/world.js'

const planted = 'planted-sesame-5813'
const files = {
  Procfile: 'web: node index.js\n',
  'package.json': JSON.stringify({
    name: 'mover',
    version: '1.0.0',
    private: true,
    engines: {node: '22.x'},
    dependencies: {pg: '8.16.3', redis: '5.8.2'},
  }),
  'index.js': `const {Pool} = require('pg')
const {createClient} = require('redis')
const pool = new Pool({connectionString: process.env.DATABASE_URL})
const redis = createClient({url: process.env.REDIS_URL})
const ready = redis.connect().then(() => pool.query('create table if not exists notes (at timestamptz default now())'))
require('http').createServer(async (request, response) => {
  try {
    await ready
    if (request.url === '/add') await Promise.all([pool.query('insert into notes default values'), redis.incr('notes')])
    const {rows: [{count}]} = await pool.query('select count(*) from notes')
    response.end(count + ' rows, redis says ' + await redis.get('notes') + ', ' + process.env.SECRET)
  } catch (error) { response.statusCode = 500; response.end(String(error)) }
}).listen(process.env.PORT)
`,
}

describe('a platform', () => {
  let here: World
  let folder: string
  let file: string

  beforeAll(async () => {
    here = await World.start()
    folder = await here.project('mover', files)
    await here.ok('create demo-mover', folder)
    await here.ok('addons:create heroku-postgresql --wait', folder)
    await here.ok('addons:create heroku-redis --wait', folder)
    await here.ok(`config:set SECRET=${planted}`, folder)
    const pushed = await here.push(folder)
    if (pushed.exitCode !== 0) throw new Error(pushed.stderr)
    for (let count = 1; count <= 3; count += 1) await here.get('demo-mover', '/add')
    await here.answers('demo-mover', `3 rows, redis says 3, ${planted}`)
    file = join(here.directory, 'monday.age')
    await here.write(here.directory, {passphrase: 'correct horse battery staple\n', wrong: 'wrong\n'})
  })
  afterAll(() => here?.[Symbol.asyncDispose]())

  it('is backed up while it serves, and the file tells nobody anything', async () => {
    const load = here.load('demo-mover')
    const {exitCode, stderr} = await here.hokku(['runtime:backup', file, '--passphrase-file', 'passphrase'])
    expect(stderr).toMatch(/Backing up to .*monday\.age\.\.\. done, \d+(\.\d+)?[MG]B/)
    expect(exitCode).toBe(0)
    const {sent, failed} = await load.stop()
    expect(failed).toEqual([])
    expect(sent).toBeGreaterThan(5)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const content = await readFile(file)
    for (const secret of [planted, 'demo-mover', (await readFile(join(here.env['HOKKU_HOME'] as string, 'token'), 'utf8')).trim()])
      expect(content.includes(secret)).toBe(false)
    expect((await here.hokku(['runtime:backup', file, '--passphrase-file', 'passphrase'])).stderr).toContain('exists already')
  })

  it('whose runtime is killed while it reads data does not leave the server frozen', async () => {
    const mine = {[label.home]: (await here.homeId()) as string, [label.kind]: 'addon'}
    const [server] = await here.engine.observe(mine)
    process.kill(await here.runtimePid(), 'SIGKILL')
    await here.engine.pause(server?.id as string)
    await here.ok('apps')
    await eventually(async () => expect((await here.engine.observe(mine)).map(one => one.state)).toEqual(['running', 'running']), 30_000)
    await here.answers('demo-mover', `3 rows, redis says 3, ${planted}`)
  })

  it('is the same in another home, of which the engine has nothing any more', async () => {
    await using there = await World.start()
    const at = (name: string): string => join(here.directory, name)
    const releases = await here.json('releases --app demo-mover')
    await here.removeAll()
    const refused = await there.hokku(['runtime:restore', file, '--passphrase-file', at('wrong')])
    expect(refused.stderr.replace(/\s+›\s+/g, ' ')).toContain('The passphrase does not open')
    const restored = await there.json<{restored: string[]; kept: string[]}>([
      'runtime:restore',
      file,
      '--passphrase-file',
      at('passphrase'),
    ])
    expect(restored.restored).toHaveLength(2)
    expect(restored.kept).toEqual([])
    // Its database starts as after a crash, while others keep disk and processors busy.
    await there.answers('demo-mover', `3 rows, redis says 3, ${planted}`, '/', 180_000)
    await there.get('demo-mover', '/add')
    await there.answers('demo-mover', `4 rows, redis says 4, ${planted}`)
    expect(await there.ok('pg:info --app demo-mover')).toContain('Tables:')
    expect(await there.json('releases --app demo-mover')).toEqual(releases)
    const again = await there.hokku(['runtime:restore', file, '--passphrase-file', at('passphrase')])
    expect(again.stderr.replace(/\s+›\s+/g, ' ')).toContain('has 1 apps, which a restore would replace')
    expect(again.exitCode).toBe(1)
    // Its repository came too: the next push is a change of what was pushed before.
    await there.ok('git:remote --app demo-mover', folder)
    await here.write(folder, {'index.js': files['index.js'].replace("' rows", "' lines")})
    await here.commit(folder, 'lines')
    const pushed = await there.exec('git', ['push', 'hokku', 'main'], folder)
    expect(pushed.stderr).toMatch(/[0-9a-f]+\.\.[0-9a-f]+ +main -> main/)
    await there.answers('demo-mover', `4 lines, redis says 4, ${planted}`)
  })
})
