import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine, ImageRef} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../src/lib/runtime/addons/addons.js'
import type {AddonPage} from '../../src/lib/schema/addon-page.js'
import {askClient, clientImage} from '../support/addon-client.js'
import {type AddonWorld, addonWorld} from '../support/addon-world.js'
import {dockerText} from '../support/docker-api.js'

/** How a client library of the service is driven (test/support/addon-clients), and what it must find. */
interface Client {
  script: string
  /** What the script wants to know of the config vars: an attachment's name, or one of its variables. */
  subject: (attachment: string) => string
  /** What `limit` of the script prints in a plan; default: as many `connections` as the plan has. */
  limit?: {action: string; value: (limits: {connections: number; storage: number}) => number}
  /** What strangers are told. */
  intruders: string
  /** Looks at the server's page from the host. */
  page?: (page: AddonPage, addon: AddonRecord) => Promise<void>
  /** How many of the other plans are tried, unless `everyPlan`; all by default. */
  plans?: number
  /** A cache of another size begins empty. */
  forgetsWithPlan?: true
}

const mysql = {script: 'mysql.py', intruders: '1045\n1227\n1044\n1142\n'}
const clients: Record<string, Client> = {
  'heroku-postgresql': {script: 'postgres.py', subject: attachment => attachment, intruders: 'True\n', plans: 2},
  'heroku-redis': {
    script: 'redis-store.py',
    subject: attachment => attachment,
    intruders: 'AuthenticationError\nAuthenticationError\n',
    plans: 2,
  },
  memcachier: {
    script: 'memcached.py',
    subject: attachment => attachment,
    limit: {action: 'limit', value: limits => limits.storage},
    intruders: 'Error True\nError True\nrefused\n',
    forgetsWithPlan: true,
  },
  'jawsdb-maria': {...mysql, subject: attachment => `${attachment}_URL`},
  jawsdb: {...mysql, subject: attachment => `${attachment}_URL`},
  cleardb: {...mysql, subject: attachment => `${attachment}_DATABASE_URL`},
  cloudamqp: {
    script: 'amqp.py',
    subject: attachment => `${attachment}_URL`,
    intruders: 'ProbableAuthenticationError\n',
    page: async ({url, user}, {credentials}) => {
      expect(await (await fetch(url)).text()).toContain('RabbitMQ Management')
      const whoami = async (password: string) =>
        await fetch(new URL('api/whoami', url), {
          headers: {Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`},
        })
      expect((await whoami('wrong')).status).toBe(401)
      const {name, tags} = (await (await whoami(credentials['password'] as string)).json()) as {name: string; tags: string[]}
      expect({name, tags: tags.toSorted()}).toEqual({name: user, tags: ['management', 'policymaker']})
    },
  },
}

clients['bucketeer'] = {
  script: 's3.mjs',
  subject: attachment => attachment,
  intruders: '403\n403\n403 403 403\n403\n403\n403\n403\n400\n',
}

const mail = (service: string): Client => ({
  script: `${service}.mjs`,
  subject: attachment => attachment,
  intruders: '535\n535\n530\n401\n401\n401\n',
  page: async ({url, user}, {credentials}) => {
    expect((await fetch(url)).status).toBe(401)
    const password = credentials['password'] ?? credentials['token']
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    expect(await (await fetch(url, {headers: {authorization, accept: 'text/html'}})).text()).toContain('<title>MailDev')
    // A page of another site, in a browser that knows the password.
    expect((await fetch(new URL('api/email', url), {headers: {authorization, origin: 'http://evil.example'}})).status).toBe(403)
  },
})
for (const service of ['mailgun', 'sendgrid', 'postmark']) clients[service] = mail(service)

/** ADDON_PLANS=all: also those that differ from the others by their numbers alone, which takes minutes more. */
const everyPlan = process.env['ADDON_PLANS'] === 'all'

let engine: Engine
let image: ImageRef
beforeAll(async () => {
  engine = await connectDocker()
  image = await clientImage(engine)
})
afterAll(() => engine.close())

describe.each(Object.keys(clients))('%s with a real client on the app’s network', service => {
  const client = clients[service] as Client

  test('keeps its data through every plan, restarts and attachments, and leaves nothing behind', {timeout: 600_000}, async () => {
    await using world = await addonWorld({engine})
    const addon = await created(world, service)
    const {manifest} = world.addons.catalogue.service(service)
    const own = manifest.local.attachment
    const ask = (app: 'demo' | 'other', action: string, attachment = own, word = ''): Promise<string> =>
      askClient(world, app, image, [client.script, action, client.subject(attachment), word])
    const expectKept = async (app: 'demo' | 'other' = 'demo', attachment = own): Promise<void> =>
      expect(await ask(app, 'read', attachment)).toContain('survivor')

    await ask('demo', 'write', own, 'survivor')
    await expectKept()
    expect(await ask('demo', 'intrude')).toBe(client.intruders)
    await expectKept()
    await client.page?.(await world.addons.shown.page(addon, {id: world.home, email: 'me@example.com'}), addon)

    const first = addon.plan
    // A server that another service has is driven through all its plans there.
    const some = manifest.local.extends === undefined ? client.plans : 1
    const others = manifest.local.plans.filter(plan => plan.name !== first).slice(0, everyPlan ? undefined : some)
    for (const plan of [...others, ...manifest.local.plans.filter(one => one.name === first)]) {
      expect((await world.addons.changePlan(world.addons.get(addon.id), plan.name, 'me@example.com')).plan).toBe(plan.name)
      if (client.forgetsWithPlan) await ask('demo', 'write', own, 'survivor')
      await expectKept()
      const {action, value} = client.limit ?? {action: 'connections', value: limits => limits.connections}
      expect({plan: plan.name, limit: Number(await ask('demo', action))}).toEqual({plan: plan.name, limit: value(plan.limits)})
      const [container] = await engine.observe({[label.addon]: addon.id})
      const {HostConfig} = JSON.parse(await dockerText(`/containers/${container?.id}/json`)) as {HostConfig: {Memory: number}}
      expect(HostConfig.Memory).toBe(Math.min(plan.limits.memory, HostConfig.Memory))
    }

    const again = await world.addons.attach({addon, app: world.demo, name: 'ANOTHER'}, 'me@example.com')
    const second = await world.addons.attach({addon, app: world.other, name: 'SECOND'}, 'me@example.com')
    await expectKept('demo', 'ANOTHER')
    await expectKept('other', 'SECOND')
    const before = world.addons.configVars(world.other.id, 'dyno')
    await world.addons.detach(second, 'me@example.com')
    await world.addons.detach(again, 'me@example.com')
    await expect(askClient(world, 'other', image, [client.script, 'read', client.subject('SECOND')], before)).rejects.toThrow(
      /error|failure/i,
    )
    await expectKept()

    await replaceServer(world, addon)
    await expectKept()
    const [container] = await engine.observe({[label.addon]: addon.id})
    await engine.kill(container?.id as string, 'SIGKILL')
    await world.addons.idle()
    await eventuallyHealthy(world, addon)
    if (!client.forgetsWithPlan) await expectKept()
    expect(Object.keys(Object.fromEntries(await world.addons.facts(addon)))).toEqual(expect.arrayContaining(['Connections', 'Data Size']))
    await world.addons.reset(addon)
    expect(await ask('demo', 'read')).not.toContain('survivor')

    await ask('demo', 'write', own, 'survivor')
    await world.addons.destroy(world.addons.get(addon.id), {force: false}, 'me@example.com')
    expect(await engine.observe({[label.home]: world.home, [label.addon]: addon.id})).toEqual([])
    const filters = encodeURIComponent(JSON.stringify({label: [`${label.addon}=${addon.id}`]}))
    expect(JSON.parse(await dockerText(`/volumes?filters=${filters}`))).toMatchObject({Volumes: []})
    await created(world, service, {snapshot: addon.id})
    await expectKept()
  })
})

async function created(world: AddonWorld, service: string, options: Record<string, string> = {}): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan: service, options}, 'me@example.com')
  await world.addons.idle()
  expect({state: world.addons.get(id).state, failure: world.addons.failure(id)}).toEqual({state: 'provisioned', failure: undefined})
  return world.addons.get(id)
}

/** A command that restarts the engine, for tests that run alone in it. */
const restartEngine = process.env['ENGINE_RESTART']

/** As an update of the engine or of the image would: another container on the same volume, started by another runtime. */
async function replaceServer(world: AddonWorld, addon: AddonRecord): Promise<void> {
  if (restartEngine !== undefined) {
    await promisify(execFile)('sh', ['-c', restartEngine])
    await expect.poll(() => engine.observe({[label.home]: world.home}), {timeout: 60_000}).toBeDefined()
  }
  const [container] = await engine.observe({[label.addon]: addon.id})
  await engine.stop(container?.id as string, {graceSeconds: 60})
  await engine.remove(container?.id as string)
  const restarted = world.again()
  await restarted.start()
  await restarted.idle()
}

/** The engine itself starts a killed server again. */
async function eventuallyHealthy(world: AddonWorld, addon: AddonRecord): Promise<void> {
  const {health} = world.addons.catalogue.service(addon.service).manifest.local.commands
  await expect
    .poll(
      async () => {
        const [container] = await engine.observe({[label.addon]: addon.id})
        return container?.state === 'running'
          ? (await engine.exec(container.id, health).catch(() => undefined))?.exitCode
          : container?.state
      },
      {timeout: 120_000, interval: 500},
    )
    .toBe(0)
}
