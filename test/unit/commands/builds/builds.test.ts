import {readdir} from 'node:fs/promises'
import {expect, test, vi} from 'vitest'
import type {Build} from '../../../../src/lib/schema/resources.js'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

const commit = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678'

const builds = (platform: TestPlatform): Promise<Build[]> => platform.api('GET', '/apps/demo/builds')

/** A platform whose app demo has a build that goes on until it is canceled. */
async function startBuilding() {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  const output = platform.deploy('demo', {waits: ''})
  await eventually(async () => expect(platform.compiler.requests).toHaveLength(1))
  return {platform, output, [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose]()}
}

test('builds are listed newest first, with commits as git shortens them', async () => {
  await using platform = await startDemo()
  await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit)
  await platform.deploy('demo', {fails: 'no'}, 'nightly')
  const lines = (await platform.run('builds --app demo')).stdout.split('\n')
  expect(lines[0]).toBe('=== demo Builds')
  expect(lines[2]).toMatch(/^ {2}id +status +version +user +created_at$/)
  expect(lines.slice(4, 7).map(line => line.trim().split(/ +/).slice(1, 3))).toEqual([
    ['failed', 'nightly'],
    ['succeeded', 'a1b2c3d4'],
    ['succeeded', expect.stringContaining('@')],
  ])
  expect(JSON.parse((await platform.run('builds -n 1 --json --app demo')).stdout)).toMatchObject([{status: 'failed'}])
})

test('an app that was never built says so', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  expect((await platform.run('builds --app demo')).stdout).toBe('demo has no builds.\n')
  expect(await platform.run('builds:info --app demo')).toMatchObject({exitCode: 1, stderr: expect.stringContaining('demo has no builds.')})
})

test('builds:info shows the newest build and its release, or the one that is named', async () => {
  await using platform = await startDemo()
  await platform.deploy('demo', {Procfile: 'web: serve\n'}, commit)
  const [first, second] = await builds(platform)
  const {stdout} = await platform.run('builds:info --app demo')
  expect(stdout).toContain(
    `=== Build ${second?.id}\n\nStatus:     succeeded\nVersion:    ${commit}\nRelease:    v4\nBuildpacks: heroku/nodejs\n`,
  )
  expect(JSON.parse((await platform.run(`builds:info ${first?.id} --json --app demo`)).stdout)).toEqual(first)
  const missing = await platform.run('builds:info nope --app demo')
  expect(missing).toMatchObject({exitCode: 1, stderr: expect.stringContaining("Couldn't find that build.")})
})

test('builds:output prints what the build said, also long after', async () => {
  await using platform = await startDemo()
  const told = await platform.deploy('demo', {fails: 'no such module'})
  const {stdout, exitCode} = await platform.run('builds:output --app demo')
  expect(stdout).toContain('no such module')
  expect(told.replaceAll('\0', '')).toBe(stdout)
  expect(exitCode).toBe(0)
})

test('builds:cancel ends the build that runs, and nothing is released', async () => {
  await using building = await startBuilding()
  const {platform} = building
  const [build] = await builds(platform)
  const {stderr, exitCode} = await platform.run('builds:cancel --app demo')
  expect({stderr, exitCode}).toEqual({stderr: `Canceling build ${build?.id} on demo... done\n`, exitCode: 0})
  expect(await building.output).toContain(' !     Build canceled.')
  expect(await builds(platform)).toMatchObject([{status: 'failed', release: null}])
})

test('builds:cancel refuses when there is nothing to cancel', async () => {
  await using platform = await startDemo()
  const [build] = await builds(platform)
  expect(await platform.run('builds:cancel --app demo')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('No build of demo is running.'),
  })
  const ended = await platform.run(`builds:cancel ${build?.id} --app demo`)
  expect(ended.stderr).toContain('That build has ended already and cannot be canceled.')
  expect(ended.exitCode).toBe(1)
})

test('builds:cancel ends a build that waits for its turn at once', async () => {
  await using building = await startBuilding()
  const {platform} = building
  const waiting = platform.deploy('demo', {Procfile: 'web: serve\n'})
  const second = await eventually(async () => {
    const found = await builds(platform)
    expect(found).toHaveLength(2)
    return found.find(({id}) => id !== (platform.compiler.requests[0] as {sourceTar: string}).sourceTar.match(/([0-9a-f-]{36})/)?.[1])
  })
  expect((await platform.run(`builds:cancel ${second?.id} --app demo`)).exitCode).toBe(0)
  expect(await waiting).toContain(' !     Build canceled.')
  expect((await builds(platform)).map(({status}) => status).sort()).toEqual(['failed', 'pending'])
  await platform.run('builds:cancel --app demo')
  await building.output
  expect(platform.compiler.requests).toHaveLength(1)
  expect((await readdir(platform.home.builds)).filter(name => !name.endsWith('.log'))).toEqual([])
})

test('a build whose source cannot be had fails before its turn', async () => {
  await using building = await startBuilding()
  const {platform} = building
  const source = {source_blob: {url: 'http://127.0.0.1:1/app.tgz'}}
  const {id} = await platform.api<Build>('POST', '/apps/demo/builds', source)
  await eventually(async () => expect(await platform.api('GET', `/apps/demo/builds/${id}`)).toMatchObject({status: 'failed'}))
  expect((await platform.run(`builds:output ${id} --app demo`)).stdout).toContain(
    ' !     The source at http://127.0.0.1:1/app.tgz could not be fetched: ',
  )
  await platform.run('builds:cancel --app demo')
  await building.output
})

test('a build that takes longer than it may is stopped and says what to do', async () => {
  vi.stubEnv('HOKKU_BUILD_TIMEOUT', '0.002')
  await using platform = await startTestPlatform().finally(() => vi.unstubAllEnvs())
  await platform.api('POST', '/apps', {name: 'demo'})
  const told = await platform.deploy('demo', {waits: ''})
  expect(told).toContain(' !     Build timed out: it took longer than 0 minutes.\n !     To allow more: HOKKU_BUILD_TIMEOUT=MINUTES hokku')
  expect(await builds(platform)).toMatchObject([{status: 'failed', release: null}])
})

test('while a build runs, the network of what it will start is made', async () => {
  await using platform = await startTestPlatform()
  const {engine} = platform
  const {ensureNetwork} = engine
  const made: Record<string, string>[] = []
  engine.ensureNetwork = async (name, labels) => {
    await ensureNetwork(name, labels)
    made.push(labels)
  }
  const {id} = await platform.api<{id: string}>('POST', '/apps', {name: 'demo'})
  const output = platform.deploy('demo', {waits: ''})
  await eventually(async () => expect(made).toContainEqual(expect.objectContaining({'hokku.kind': 'network', 'hokku.app': id})))
  expect(await builds(platform)).toMatchObject([{status: 'pending'}])
  await platform.run('builds:cancel --app demo')
  await output
})

test('builds:cancel of a build in its release phase stops the command, and the release fails', async () => {
  await using platform = await startDemo()
  const told = platform.deploy('demo', {Procfile: 'web: serve\nrelease: sleep 1000\n'})
  const build = await eventually(async () => {
    const found = (await builds(platform)).find(({release}) => release !== null && release.id !== undefined)
    const releases = await platform.api<{status: string}[]>('GET', '/apps/demo/releases')
    expect(releases.at(-1)?.status).toBe('pending')
    const dynos = await platform.api<{name: string; state: string}[]>('GET', '/apps/demo/dynos')
    expect(dynos.some(({name}) => name.startsWith('release.'))).toBe(true)
    return (await builds(platform)).at(-1) ?? found
  })
  expect((await platform.run(`builds:cancel ${build?.id} --app demo`)).exitCode).toBe(0)
  expect(await told).toContain('Waiting for release.... failed.')
  expect((await platform.api<{status: string}[]>('GET', '/apps/demo/releases')).at(-1)?.status).toBe('failed')
})

test('the first slug brings the add-ons that such an app needs, once, and goes on without what cannot be had', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  const needs = {Procfile: 'web: serve\n', needs: 'heroku-postgresql\nheroku-nothing\n'}
  const output = await platform.deploy('demo', needs)
  expect(output).toMatch(/-----> Provisioning heroku-postgresql\n {7}Created postgresql-[a-z]+-\d+\n/)
  expect(output).toMatch(/ ! {5}heroku-nothing could not be provisioned: .*\n-----> Launching/)
  const addons = () => platform.api<{name: string}[]>('GET', '/apps/demo/addons')
  const [addon] = await addons()
  expect(await platform.api('GET', '/apps/demo/config-vars')).toHaveProperty('DATABASE_URL')
  await platform.api('DELETE', `/apps/demo/addons/${addon?.name}`)
  expect(await platform.deploy('demo', {...needs, more: 'x'})).not.toContain('Provisioning')
  expect(await addons()).toEqual([])
})

test('an app that has such an add-on gets no second one', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.api('POST', '/apps/demo/addons', {plan: 'heroku-postgresql:mini'})
  expect(await platform.deploy('demo', {Procfile: 'web: serve\n', needs: 'heroku-postgresql'})).not.toContain('Provisioning')
  expect(await platform.api('GET', '/apps/demo/addons')).toHaveLength(1)
})
