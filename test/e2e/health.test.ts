import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Dyno} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const app = 'demo-health'
const manifest = {
  healthchecks: {
    web: [
      {name: 'ready', path: '/ready', attempts: 12, wait: 1},
      {type: 'liveness', name: 'alive', command: ['test', '!', '-e', '/tmp/stuck'], attempts: 2, wait: 1},
    ],
  },
}
/** Listens at once; is ready after 3 s, or never. */
const server = (version: string, ready: string): string => `const began = Date.now()
require('http').createServer((q, r) => {
  if (q.url === '/ready') return r.writeHead(${ready} ? 200 : 503).end()
  if (q.url === '/stick') require('fs').writeFileSync('/tmp/stuck', '')
  if (${ready}) r.end('${version}')
  else r.writeHead(500).end('not ready')
}).listen(process.env.PORT)
`
const soon = 'Date.now() - began > 3000'

describe('an app that asks for health checks', () => {
  let world: World
  let folder: string

  const states = async (): Promise<string[]> =>
    (await world.json<Dyno[]>('ps', folder)).map(({name, state, release}) => `${name} v${release.version} ${state}`)
  const push = (index: string): Promise<string> => world.redeployed(folder, {'index.js': index})

  beforeAll(async () => {
    world = await World.start()
    folder = await world.project('demo', {
      'package.json': nodeManifest(),
      'app.json': JSON.stringify(manifest),
      Procfile: 'web: node index.js\n',
    })
    await world.ok(`create ${app}`, folder)
    await push(server('one', soon))
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  it('gets no request before its startup checks pass, and loses none at the swap', async () => {
    const load = world.load(app)
    await sleep(500)
    await push(server('two', soon))
    await world.answers(app, 'two')
    const {failed, bodies, sent} = await load.stop()
    expect(failed).toEqual([])
    expect([...bodies].sort()).toEqual(['one', 'two'])
    expect(sent).toBeGreaterThan(100)
  })

  it('keeps the release that serves when the next one never gets healthy', async () => {
    const load = world.load(app)
    expect(await push(server('three', 'false'))).toContain('The new web dynos did not start; what served before keeps serving.')
    await eventually(async () => expect(await states()).toEqual(['web.1 v4 up', 'web.1 v5 crashed']), 60_000)
    const {failed, bodies} = await load.stop()
    expect(failed).toEqual([])
    expect([...bodies]).toEqual(['two'])
    expect(await world.ok('logs --dyno web.1 --source heroku', folder)).toMatch(
      /: Health check "ready" failed 12 times: answered 503\n.*: Stopping process with SIGKILL\n/,
    )
  })

  it('has a dyno replaced whose liveness check fails', async () => {
    await push(server('four', soon))
    await world.answers(app, 'four')
    const [before] = await world.json<Dyno[]>('ps', folder)
    await world.get(app, '/stick')
    await eventually(async () => {
      const [after, ...others] = await world.json<Dyno[]>('ps', folder)
      expect({others, state: after?.state}).toEqual({others: [], state: 'up'})
      expect(after?.id).not.toBe(before?.id)
    }, 60_000)
    await world.answers(app, 'four')
    expect(await world.ok('logs --dyno web.1 --source heroku', folder)).toMatch(
      /: Health check "alive" failed 2 times: ended with status 1\n.*: Stopping process with SIGKILL\n.*: Process exited with status 137\n.*: State changed from up to crashed\n/,
    )
  })

  it('is refused when its checks make no sense', async () => {
    await world.write(folder, {'app.json': '{"healthchecks": {"web": [{"path": "ready", "attempts": "many"}]}}'})
    await world.commit(folder, 'wrong')
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('healthchecks.web.0.path: should begin with /')
    expect(stderr).toContain('healthchecks.web.0.attempts: should be a number')
  })
})
