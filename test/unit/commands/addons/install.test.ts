import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

let platform: TestPlatform
let folder: string
beforeEach(async () => {
  platform = await startTestPlatform()
  folder = await mkdtemp(join(tmpdir(), 'hk-service-'))
  await platform.run('create demo')
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
  await rm(folder, {recursive: true, force: true})
})

const manifest = {
  id: 'nats',
  name: 'NATS',
  api: {config_vars_prefix: 'NATS', config_vars: ['NATS_URL'], regions: ['us'], version: '3'},
  local: {
    human_name: 'NATS',
    description: 'NATS 2.',
    state: 'beta',
    name_prefix: 'nats',
    attachment: 'NATS',
    alternate_prefix: 'NATS',
    port: 4222,
    volume: '/data',
    credentials: {password: {prefix: 'p', digits: 32}},
    config_vars: {NATS_URL: 'nats://:{{password}}@{{host}}:{{port}}'} as Record<string, string>,
    commands: {health: ['true']},
    plans: [plan('mini'), {...plan('maxi'), default: false}],
  },
}

function plan(name: string) {
  const limits = {memory: '64 MB', connections: 5, storage: '25 MB'}
  return {name, human_name: name, description: name, price: {cents: 0, unit: 'month'}, default: true, limits}
}

async function write(change: (value: typeof manifest) => void = () => undefined): Promise<void> {
  const value = structuredClone(manifest)
  change(value)
  await writeFile(join(folder, 'addon-manifest.json'), JSON.stringify(value))
  await mkdir(join(folder, 'etc'), {recursive: true})
  await writeFile(join(folder, 'etc', 'nats.conf'), 'port: 4222\n')
  await writeFile(join(folder, 'Dockerfile'), 'FROM debian:13-slim\nCOPY etc /etc/nats\n')
}

test('a folder is installed, listed, used, and uninstalled when nothing needs it', async () => {
  await write()
  const installed = await platform.run(['addons:install', folder])
  expect(installed.stderr).toContain('done, nats with 2 plans')
  expect(installed.stdout).toContain('addons:create nats:mini')
  expect((await platform.run('addons:services')).stdout).toMatch(/nats\s+NATS\s+beta/)
  await platform.run('addons:create nats --app demo --name bus')
  expect((await platform.run('config:get NATS_URL --app demo')).stdout).toMatch(/^nats:\/\/:p\w{32}@/)
  expect(JSON.parse((await platform.run('addons:installed --json')).stdout)).toMatchObject([
    {name: 'nats', human_name: 'NATS', plans: ['nats:mini', 'nats:maxi'], addons: ['bus']},
  ])
  // What the image is made of has its folders.
  expect(platform.engine.builds.flatMap(build => build.tags)).toEqual([expect.stringMatching(/^hokku\/addon-nats:/)])

  const refused = await platform.run('addons:uninstall nats --confirm nats')
  expect(refused.stderr).toContain('nats has add-ons: bus. Destroy them first.')
  expect(refused.exitCode).toBe(1)
  await platform.run('addons:destroy bus --app demo --confirm demo')
  for (const {id} of platform.runtime.services.addons.snapshots.list()) await platform.api('DELETE', `/runtime/addon-snapshots/${id}`)
  expect((await platform.run('addons:uninstall nats --confirm nets')).stderr).toContain('did not match')
  expect((await platform.run('addons:uninstall nats --confirm nats')).exitCode).toBe(0)
  expect((await platform.run('addons:installed')).stdout).toContain('No services were installed')
  expect((await platform.run('addons:create nats --app demo')).stderr).toContain("Couldn't find the nats add-on service")
  expect(platform.errors).toEqual([])
})

test('an image that cannot be built is told in the words of its step, and its service goes without a trace', async () => {
  await write()
  await platform.run(['addons:install', folder])
  platform.engine.build = async ({onProgress}) => {
    const steps = {good: {vertex: 'a', name: '[1/2] RUN apt-get update'}, bad: {vertex: 'b', name: '[2/2] RUN apt-get install nats'}}
    onProgress({type: 'output', ...steps.bad, line: 'E: Unable to locate package nats'})
    onProgress({type: 'output', ...steps.good, line: 'Reading package lists...'})
    onProgress({type: 'done', ...steps.bad, cached: false, error: 'exit code: 100'})
    throw new EngineError('build_failed', 'The build failed at [2/2]: exit code: 100', {exitCode: 100})
  }
  const {stderr} = await platform.run('addons:create nats --app demo --name bus')
  expect(stderr).toContain('The image of nats could not be built.')
  expect(stderr.replace(/\s*›\s*/g, ' ')).toContain('failed with exit code 100: E: Unable to locate package nats')
  expect(stderr).not.toContain('Reading')
  expect((await platform.run('addons:uninstall nats --confirm nats')).exitCode).toBe(0)
  // Neither a backup nor the next start comes upon an add-on of which nobody knows what it is.
  expect(await platform.runtime.services.addons.moving.images()).toEqual([])
  expect(platform.runtime.store.all('SELECT name FROM addons')).toEqual([])
})

test('faults are told with their paths, and change nothing', async () => {
  await write(value => Object.assign(value.local, {port: 0, volumes: '/data'}))
  const {stderr, exitCode} = await platform.run(['addons:install', folder])
  expect(stderr).toContain('local/port')
  expect(stderr).toContain('Unrecognized key: "volumes"')
  expect(exitCode).toBe(1)
  expect((await platform.run('addons:installed --json')).stdout.trim()).toBe('[]')
})

test('what is no service is refused with the reason', async () => {
  expect((await platform.run(['addons:install', join(folder, 'nowhere')])).stderr).toContain('There is no folder')
  expect((await platform.run(['addons:install', folder])).stderr).toContain('has no addon-manifest.json')
  await write(value => Object.assign(value, {id: 'heroku-redis'}))
  expect((await platform.run(['addons:install', folder])).stderr).toContain('There is an add-on service heroku-redis already')
  await write(value => Object.assign(value.local, {aliases: ['postgres']}))
  expect((await platform.run(['addons:install', folder])).stderr).toMatch(/There is an add-on service (heroku-postgresql|postgres) already/)
  await write()
  await rm(join(folder, 'Dockerfile'))
  expect((await platform.run(['addons:install', folder])).stderr).toContain('has no Dockerfile')
})

test('a service is replaced unless its add-ons could not go on', async () => {
  await write()
  await platform.run(['addons:install', folder])
  await platform.run('addons:create nats:maxi --app demo --name bus')
  await write(value => value.local.plans.pop())
  expect((await platform.run(['addons:install', folder])).stderr).toContain('bus has the plan maxi, which the new manifest does not have')
  await write(value => Object.assign(value.local.credentials, {token: {digits: 8}}))
  expect((await platform.run(['addons:install', folder])).stderr).toContain('bus has no token, which the new manifest wants')

  await write(value => Object.assign(value.local.config_vars, {NATS_URL: 'tls://{{host}}:{{port}}'}))
  expect((await platform.run(['addons:install', folder])).exitCode).toBe(0)
  await platform.runtime.services.addons.idle()
  expect((await platform.run('config:get NATS_URL --app demo')).stdout).toMatch(/^tls:/)
  expect((await platform.run('releases --app demo')).stdout).toContain('Update NATS by nats')
})

test('a service may extend one of the catalogue, without a Dockerfile', async () => {
  await write(value => {
    const {port: _port, volume: _volume, credentials: _credentials, commands: _commands, plans: _plans, ...names} = value.local
    Object.assign(value, {local: {...names, extends: 'heroku-redis', config_vars: {NATS_URL: 'redis://:{{password}}@{{host}}:{{port}}'}}})
  })
  await rm(join(folder, 'Dockerfile'))
  expect((await platform.run(['addons:install', folder])).stderr).toContain('done, nats with 7 plans')
  await platform.run('addons:create nats --app demo')
  expect(platform.engine.builds.flatMap(build => build.tags)).toEqual([expect.stringMatching(/^hokku\/addon-heroku-redis:/)])
})
