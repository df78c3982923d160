import {describe, expect, test} from 'vitest'
import type {Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../src/lib/runtime/addons/addons.js'
import {loadCatalogue} from '../../src/lib/runtime/addons/catalogue.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import type {AddonManifest} from '../../src/lib/schema/addon-manifest.js'
import {type AddonWorld, addonWorld, catalogueDirectory} from '../support/addon-world.js'

export interface AddonContract {
  engine: () => Promise<Engine>
  /** For a test that has to build the service's image first, in ms; default: the project's. */
  timeout?: number
  /** Every plan of the service, or its default one. */
  plans: 'all' | 'default'
  /** Opens a connection with the config vars as the host sees them; throws when the server does not let it in. */
  connect?: (service: string, configVars: Record<string, string>) => Promise<void>
  /** Commands in the container that write data and that print it; `elsewhere` where a client library is driven instead. */
  data?: Record<string, {write: string[]; read: string[]; printed: string} | 'elsewhere'>
}

/** What every folder of the catalogue promises; finds the folders by itself. */
export function addonContract(where: string, contract: AddonContract): void {
  const limit = contract.timeout === undefined ? {} : {timeout: contract.timeout}
  // Those that the runtime itself serves have tests of their own.
  for (const manifest of catalogueManifests().filter(one => one.local.server === 'container'))
    describe(`${manifest.id} on ${where}`, () => {
      for (const plan of manifest.local.plans.filter(one => contract.plans === 'all' || one.default))
        test(`${plan.name} provisions, serves config vars that parse, and leaves nothing behind`, limit, () =>
          lifeOf(manifest, plan.name, contract),
        )
      if (contract.data !== undefined && contract.data[manifest.id] !== 'elsewhere') {
        test('keeps its data when its container is replaced', limit, () => survives(manifest, contract))
        test('leaves a snapshot that a new one begins with', limit, () => returns(manifest, contract))
      }
    })
}

export function catalogueManifests(): AddonManifest[] {
  return loadCatalogue(catalogueDirectory)
    .services()
    .map(service => service.manifest)
}

async function lifeOf(manifest: AddonManifest, plan: string, contract: AddonContract): Promise<void> {
  const engine = await contract.engine()
  await using world = await addonWorld({engine})
  const addon = await provisioned(world, `${manifest.id}:${plan}`)
  expectConfigVars(world, manifest, addon)
  await contract.connect?.(manifest.id, world.addons.configVars(world.demo.id, 'host'))

  await world.addons.attach({addon, app: world.other, name: 'SECOND'}, 'me@example.com')
  expect(Object.keys(world.addons.configVars(world.other.id, 'dyno'))).toEqual(
    manifest.api.config_vars.map(name => name.replace(manifest.api.config_vars_prefix, 'SECOND')),
  )
  const [container] = await engine.observe({[label.home]: world.home, [label.addon]: addon.id})
  const names = engineNames(world.home)
  expect(Object.keys(container?.addresses ?? {}).sort()).toEqual([names.network(world.demo.id), names.network(world.other.id)].sort())

  const secrets = Object.values(addon.credentials)
  const labels = JSON.stringify((await engine.observe({[label.addon]: addon.id})).map(one => [one.name, one.labels]))
  for (const secret of secrets) expect(labels).not.toContain(secret)

  await world.addons.destroy(addon, {force: true}, 'me@example.com')
  expect(await engine.observe({[label.home]: world.home, [label.addon]: addon.id})).toEqual([])
  expect(await engine.volumeTree(names.addonVolume(addon.id), 'debian:13-slim', async () => 'there')).toBeUndefined()
  expect(world.addons.snapshots.list().map(one => one.name)).toEqual([addon.name])
  expect(world.addons.configVars(world.demo.id, 'dyno')).toEqual({})
}

function expectConfigVars(world: AddonWorld, manifest: AddonManifest, addon: AddonRecord): void {
  const views = {
    dyno: {host: addon.name, ports: [manifest.local.port, manifest.local.page?.port]},
    host: {host: '127.0.0.1', ports: [addon.hostPort, addon.pagePort]},
  }
  for (const view of ['dyno', 'host'] as const) {
    const found = world.addons.configVars(world.demo.id, view)
    expect(Object.keys(found).sort()).toEqual([...manifest.api.config_vars].sort())
    for (const value of Object.values(found)) {
      expect(value).not.toMatch(/\{\{/)
      if (!value.includes('://')) continue
      const {hostname, port} = new URL(value)
      // What is meant for a browser is the same in both views.
      const seen = hostname === '127.0.0.1' ? 'host' : view
      expect(hostname).toBe(views[seen].host)
      expect(views[seen].ports).toContain(Number(port))
    }
  }
}

async function survives(manifest: AddonManifest, contract: AddonContract): Promise<void> {
  const data = contract.data?.[manifest.id]
  if (data === undefined || data === 'elsewhere')
    throw new Error(`test/docker/addons.test.ts says nothing of data in ${manifest.id}: add write and read commands.`)
  const engine = await contract.engine()
  await using world = await addonWorld({engine})
  const addon = await provisioned(world, manifest.id)
  const labels = {[label.home]: world.home, [label.addon]: addon.id}
  const run = async (command: string[]): Promise<string> => {
    const [container] = await engine.observe(labels)
    const result = await engine.exec(container?.id as string, command)
    expect({command, exitCode: result.exitCode, stderr: result.stderr.toString()}).toMatchObject({exitCode: 0})
    return result.stdout.toString()
  }
  await run(data.write)
  const [before] = await engine.observe(labels)
  await engine.stop(before?.id as string, {graceSeconds: 20})
  await engine.remove(before?.id as string)

  const restarted = world.again()
  await restarted.start()
  await restarted.idle()
  const [after] = await engine.observe(labels)
  expect(after?.id).not.toBe(before?.id)
  expect(after?.ports).toEqual({[manifest.local.port]: addon.hostPort})
  expect(await run(data.read)).toContain(data.printed)
  expect((await restarted.facts(addon)).length).toBeGreaterThan(0)
  await restarted.reset(addon)
  expect(await run(data.read).catch(() => '')).not.toContain(data.printed)
}

async function returns(manifest: AddonManifest, contract: AddonContract): Promise<void> {
  const data = contract.data?.[manifest.id]
  if (data === undefined || data === 'elsewhere')
    throw new Error(`test/docker/addons.test.ts says nothing of data in ${manifest.id}: add write and read commands.`)
  const engine = await contract.engine()
  await using world = await addonWorld({engine})
  const inside = async (addon: AddonRecord, command: string[]): Promise<string> => {
    const [container] = await engine.observe({[label.home]: world.home, [label.addon]: addon.id})
    const result = await engine.exec(container?.id as string, command)
    expect({command, exitCode: result.exitCode, stderr: result.stderr.toString()}).toMatchObject({exitCode: 0})
    return result.stdout.toString()
  }
  const old = await provisioned(world, manifest.id)
  await inside(old, data.write)
  await world.addons.destroy(old, {force: false}, 'me@example.com')
  const fresh = await provisioned(world, manifest.id, {snapshot: old.id})
  expect(await inside(fresh, data.read)).toContain(data.printed)
  await contract.connect?.(manifest.id, world.addons.configVars(world.demo.id, 'host'))
}

async function provisioned(world: AddonWorld, plan: string, options: Record<string, string> = {}): Promise<AddonRecord> {
  const created = await world.addons.create(world.demo, {plan, options}, 'me@example.com')
  expect(created.state).toBe('provisioning')
  await world.addons.idle()
  const addon = world.addons.get(created.id)
  expect({state: addon.state, failure: world.addons.failure(addon.id)}).toEqual({state: 'provisioned', failure: undefined})
  return addon
}
