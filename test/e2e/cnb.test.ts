import {randomUUID} from 'node:crypto'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {cnbApp, cnbServer, makeBuilder} from '../support/cnb-builder.js'
import {cnbLifecycle} from '../support/cnb-lifecycle.js'
import {eventually} from '../support/eventually.js'
import {root} from '../support/slug-workshop.js'
import {World} from '../support/world.js'

const engine = await connectDocker()
const lifecycle = await cnbLifecycle(engine, root).catch((error: Error) => error)
if (lifecycle instanceof Error)
  console.error(`\n!!! NOT TESTED: Cloud Native Buildpacks. The lifecycle could not be compiled: ${lifecycle.message.slice(0, 300)}\n`)
const labels = {'hokku.test': randomUUID()}
const builder = `hokku-test-${labels['hokku.test'].slice(0, 8)}/builder:1`

afterAll(async () => {
  for (const image of await engine.images(labels)) await engine.removeImage(image.id)
  await engine.close()
})

/** One app on the CNB stack, from the change of its stack to a rollback; every step builds on the ones before. */
describe.skipIf(lifecycle instanceof Error)('an app of Cloud Native Buildpacks', () => {
  let world: World
  let folder: string
  const body = (version: string, colour: string) =>
    new RegExp(`^${version}\nDEPS_STAMP=[0-9a-f-]{36}\nFROM_EXEC_D=hammer\nFROM_RUN_IMAGE=yes\nCOLOUR=${colour}$`)
  const answers = (expected: RegExp) => eventually(async () => expect((await world.get('forge')).body).toMatch(expected), 60_000)

  beforeAll(async () => {
    await makeBuilder(engine, {lifecycle: lifecycle as string, tag: builder, runImage: builder.replace('builder', 'run'), labels})
    world = await World.start()
    folder = await world.project('forge', cnbApp(builder))
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('is built by its builder at the push after stack:set cnb, release phase and all', async () => {
    await world.ok('create forge', folder)
    await world.ok('config:set COLOUR=blue', folder)
    expect((await world.hokku('stack:set cnb', folder)).exitCode).toBe(0)
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode, stderr).toBe(0)
    const said = stderr.replace(/^remote: ?/gm, '').replace(/ +$/gm, '')
    expect(said).toContain(`-----> Building on the CNB stack\n-----> Using builder ${builder}\n`)
    expect(said).toContain('       [deps] installing dependencies\n')
    expect(said).toContain('       Default process type     -> web\n')
    expect(said).toContain('Running release command.....\n\nreleasing with blue\nWaiting for release.... done.')
    await answers(body('version 1', 'blue'))
    expect(await world.ok('stack', folder)).toContain('* cnb')
  })

  it('shows its process types, and runs another one', async () => {
    await world.ok('ps:scale worker=1', folder)
    expect(await world.ok('ps', folder)).toContain('=== web (Basic): perl server.pl (1)')
    await eventually(async () => expect(await world.ok('logs -n 1000', folder)).toContain('app[worker.1]: worker hammer'))
    await world.ok('ps:scale worker=0', folder)
  })

  it('runs commands in one-off dynos and inside dynos as its buildpacks want them', async () => {
    const line = 'show; echo $FROM_EXEC_D $COLOUR $DYNO'
    expect((await world.hokku(['run', line], folder)).stdout).toMatch(/^deps one\nhammer blue run\.\d+\n$/)
    expect((await world.hokku(['ps:exec', '--dyno', 'web.1', line], folder)).stdout).toBe('deps one\nhammer blue web.1\n')
  })

  it('ends gracefully, and keeps its dependencies when code has changed', async () => {
    const stamp = (await world.get('forge')).body.split('\n')[1]
    await world.write(folder, {'server.pl': cnbServer.replace('VERSION', 'version 2')})
    await world.commit(folder, 'second')
    const {stderr} = await world.push(folder)
    expect(stderr).toContain('[deps] using the dependencies again')
    await answers(body('version 2', 'blue'))
    expect((await world.get('forge')).body).toContain(stamp)
    await eventually(async () => expect(await world.ok('logs -n 1000', folder)).toContain('app[web.1]: bye'))
  })

  it('keeps running what it was when a buildpack fails', async () => {
    await world.write(folder, {fail: ''})
    await world.commit(folder, 'broken')
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(' !     A buildpack failed to build this app: see above.')
    expect(stderr).toContain('[remote rejected]')
    await answers(body('version 2', 'blue'))
  })

  it('takes new config vars, and goes back to slug and vars, without a build', async () => {
    await world.ok('config:set COLOUR=green', folder)
    await answers(body('version 2', 'green'))
    const deploys = (await world.json<{version: number; description: string}[]>('releases', folder)).filter(one =>
      one.description.startsWith('Deploy'),
    )
    expect(deploys).toHaveLength(2)
    await world.ok(['rollback', `v${Math.min(...deploys.map(({version}) => version))}`], folder)
    await answers(body('version 1', 'blue'))
  })
})
