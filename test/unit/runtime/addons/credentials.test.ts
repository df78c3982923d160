import {X509Certificate} from 'node:crypto'
import {expect, test} from 'vitest'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {label} from '../../../../src/lib/engine/labels.js'
import type {AddonRecord} from '../../../../src/lib/runtime/addons/addons.js'
import {addonEngine} from '../../../support/addon-engine.js'
import {type AddonWorld, addonWorld} from '../../../support/addon-world.js'

const me = 'me@example.com'

async function provisioned(world: AddonWorld, plan = 'heroku-postgresql', options: Record<string, string> = {}): Promise<AddonRecord> {
  const {id} = await world.addons.create(world.demo, {plan, options}, me)
  await world.addons.idle()
  return world.addons.get(id)
}

test('a rotation makes a new password, replaces the server and releases every app with it', async () => {
  const engine = addonEngine()
  await using world = await addonWorld({engine})
  const old = await provisioned(world)
  await world.addons.attach({addon: old, app: world.other, name: 'SHARED'}, me)
  const [before] = await engine.observe({[label.addon]: old.id})
  const released = world.released.length
  await world.addons.rotateCredentials(old, me)
  const {credentials} = world.addons.get(old.id)
  expect(credentials['password']).not.toBe(old.credentials['password'])
  expect({...credentials, password: ''}).toEqual({...old.credentials, password: ''})
  expect((await engine.observe({[label.addon]: old.id}))[0]?.id).not.toBe(before?.id)
  const by = {user: 'heroku-postgresql@addons.heroku.com', addonConfigOnly: true}
  expect(world.released.slice(released)).toEqual([
    {app: 'demo', description: 'Update DATABASE by heroku-postgresql', configVars: ['DATABASE_URL'], ...by},
    {app: 'other', description: 'Update SHARED by heroku-postgresql', configVars: ['SHARED_URL'], ...by},
  ])
  expect(world.addons.configVars(world.demo.id, 'dyno')['DATABASE_URL']).toContain(credentials['password'])
})

test('a runtime that is killed in a rotation goes on with it: server and releases get the password that was stored', async () => {
  const engine = addonEngine()
  let alive = true
  await using world = await addonWorld({
    engine,
    onCut: () => {
      if (!alive) throw new Error('killed')
    },
  })
  const old = await provisioned(world)
  const [before] = await engine.observe({[label.addon]: old.id})
  alive = false
  const start = () => Promise.reject(new EngineError('unavailable', 'gone'))
  const dying = world.again({...engine, start})
  const rotation = dying.rotateCredentials(old, me)
  await dying.close()
  await expect(rotation).rejects.toThrow('killed')
  alive = true
  const again = world.again()
  await again.start()
  await again.idle()
  expect(again.get(old.id).credentials['password']).not.toBe(old.credentials['password'])
  expect((await engine.observe({[label.addon]: old.id}))[0]?.id).not.toBe(before?.id)
  expect(world.released.at(-1)?.description).toBe('Update DATABASE by heroku-postgresql')
})

test('each add-on of a service with TLS has a certificate of its own, which a snapshot does not hand on', async () => {
  await using world = await addonWorld({engine: addonEngine()})
  const first = await provisioned(world)
  const {tls_certificate: pem = '', tls_key: key} = first.credentials
  const certificate = new X509Certificate(pem)
  expect(certificate.subjectAltName).toBe(`DNS:localhost, DNS:${first.name}.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1`)
  expect(JSON.stringify(world.store.all('SELECT * FROM addons'))).not.toContain(key?.slice(40, 60))
  await world.addons.destroy(first, {force: false}, me)
  const second = await provisioned(world, 'heroku-postgresql', {snapshot: first.id})
  expect(new X509Certificate(second.credentials['tls_certificate'] ?? '').subjectAltName).toContain(`${second.name}.localhost`)
  expect((await provisioned(world, 'heroku-redis')).credentials['tls_key']).toBeUndefined()
})

test('what is not there yet does not rotate', async () => {
  await using world = await addonWorld({engine: addonEngine()})
  const {id} = await world.addons.create(world.demo, {plan: 'heroku-redis'}, me)
  await expect(world.addons.rotateCredentials(world.addons.get(id), me)).rejects.toMatchObject({id: 'conflict'})
})
