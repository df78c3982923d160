import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {json} from 'node:stream/consumers'
// @ts-expect-error it has no types
import Heroku from 'heroku-client'
// @ts-expect-error it has no types
import {AuthorizationCode} from 'simple-oauth2'
import {afterAll, beforeAll, expect, it} from 'vitest'
import type {AddOn} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

let world: World
let consumer: string
beforeAll(async () => {
  world = await World.start()
  consumer = await world.deployed('consumer', {
    'package.json': nodeManifest(),
    Procfile: 'web: node index.js\n',
    'index.js': `require('http').createServer((q, r) => r.end(process.env.ACME_URL || process.env.SLOW_URL || 'nothing')).listen(process.env.PORT)\n`,
  })
  await world.answers('consumer', 'nothing')
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** A partner's service that keeps what it was asked, and takes three seconds for a new add-on. */
const acme = `const {createHash} = require('crypto')
const known = []
require('http').createServer(async (q, r) => {
  let text = ''
  for await (const chunk of q) text += chunk
  const answer = (status, body) => r.writeHead(status).end(JSON.stringify(body))
  if (q.url === '/known') return answer(200, known)
  if (q.url === '/sso/login') {
    const form = Object.fromEntries(new URLSearchParams(text))
    const token = createHash('sha1').update(form.resource_id + ':' + process.env.SSO_SALT + ':' + form.timestamp).digest('hex')
    return answer(token === form.resource_token ? 200 : 403, {email: form.email})
  }
  const [user, password] = Buffer.from(q.headers.authorization.slice(6), 'base64').toString().split(':')
  if (user !== 'acme' || password !== process.env.PASSWORD) return answer(401, {message: 'no'})
  known.push(q.method + ' ' + (q.method === 'POST' ? JSON.parse(text).uuid : q.url.split('/').pop()))
  if (q.method !== 'POST') return answer(200, {})
  await new Promise(resolve => setTimeout(resolve, 3000))
  const {uuid} = JSON.parse(text)
  answer(201, {id: uuid, config: {ACME_URL: 'acme://' + uuid}})
}).listen(process.env.PORT)
`

function manifest(id: string, api: object): string {
  const prefix = id.toUpperCase()
  const fields = {config_vars_prefix: prefix, config_vars: [`${prefix}_URL`], password: 'partner-password', sso_salt: 'partner-salt'}
  return JSON.stringify({id, name: id, api: {...fields, regions: ['us'], requires: [], version: '3', ...api}})
}

it('an app in a dyno is a partner; a runtime that is killed while it asks finds out at its next start', async () => {
  const address = `http://acme.localhost:${world.routerPort}`
  const production = {base_url: `${address}/heroku/resources`, sso_url: `${address}/sso/login`}
  const folder = await world.project('acme', {'package.json': nodeManifest(), Procfile: 'web: node index.js\n', 'index.js': acme})
  await world.ok('create acme', folder)
  await world.ok('config:set PASSWORD=partner-password SSO_SALT=partner-salt', folder)
  await world.pushed(folder)
  await world.write(folder, {'addon-manifest.json': manifest('acme', {production})})
  await world.ok(['addons:install', folder])
  const known = async (): Promise<string[]> => JSON.parse((await world.get('acme', '/known')).body)
  await eventually(async () => expect(await known()).toEqual([]), 60_000)

  const created = world.hokku('addons:create acme --name gadget', consumer)
  await eventually(async () => expect(await known()).toHaveLength(1), 30_000)
  process.kill(await world.runtimePid(), 'SIGKILL')
  await created
  await eventually(async () => {
    const {id, state} = await world.json<AddOn>('addons:info gadget', consumer)
    expect(state).toBe('provisioned')
    expect(await known()).toEqual([`POST ${id}`, `POST ${id}`])
    await world.answers('consumer', `acme://${id}`)
  }, 60_000)

  const url = (await world.ok('addons:open gadget --show-url', consumer)).trim()
  const page = await readFile(new URL(url), 'utf8')
  const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value] as [string, string])
  const {resource_id: id, timestamp, resource_token: token} = Object.fromEntries(fields)
  expect(token).toBe(createHash('sha1').update(`${id}:partner-salt:${timestamp}`).digest('hex'))

  await world.ok('addons:destroy gadget --confirm consumer', consumer)
  await eventually(async () => expect((await known()).at(-1)).toBe(`DELETE ${id}`))
  await world.answers('consumer', 'nothing')
})

it('a partner made of published libraries gets tokens, sets config vars and says when it is ready', async () => {
  const partner = createServer()
  const seen = asynchronous(partner, () => secret)
  partner.listen(0, '127.0.0.1')
  await once(partner, 'listening')
  const base = `http://127.0.0.1:${(partner.address() as AddressInfo).port}/heroku/resources`
  await world.write(world.directory, {'slow/addon-manifest.json': manifest('slow', {production: {base_url: base}})})
  const {oauth_client_secret: secret} = await world.json<{oauth_client_secret: string}>([
    'addons:install',
    join(world.directory, 'slow', 'addon-manifest.json'),
  ])
  try {
    await world.ok('addons:create slow --name turtle', consumer)
    await world.answers('consumer', 'slow://set by heroku-client')
    expect(await seen.addon).toMatchObject({name: 'turtle', state: 'provisioning', app: {name: 'consumer'}})
    expect((await world.ok('releases', consumer)).split('\n').filter(line => line.includes('turtle'))).toHaveLength(2)
    await expect(seen.forbidden).resolves.toMatchObject({statusCode: 403, body: {id: 'forbidden'}})
  } finally {
    await world.ok('addons:destroy turtle --confirm consumer', consumer)
    partner.close()
  }
})

/** Answers 202, then does the rest with `simple-oauth2` and `heroku-client`. */
function asynchronous(partner: Server, secret: () => string) {
  const results: {addon: Promise<unknown>; forbidden: Promise<unknown>} = {addon: Promise.resolve(), forbidden: Promise.resolve()}
  partner.on('request', async (request: IncomingMessage, response) => {
    if (request.method !== 'POST') return void response.writeHead(204).end()
    const {
      uuid,
      callback_url: callback,
      oauth_grant: grant,
    } = (await json(request)) as {
      uuid: string
      callback_url: string
      oauth_grant: {code: string}
    }
    response.writeHead(202).end('{}')
    const host = new URL(callback).origin
    const client = new AuthorizationCode({
      client: {id: 'slow', secret: secret()},
      auth: {tokenHost: host, tokenPath: '/oauth/token'},
      options: {authorizationMethod: 'body'},
    })
    const {token} = await client.getToken({code: grant.code, redirect_uri: host})
    const heroku = new Heroku({token: token['access_token'] as string, host})
    results.addon = heroku.get(`/addons/${uuid}`)
    await results.addon
    results.forbidden = heroku.get('/apps').catch((error: unknown) => error)
    await results.forbidden
    await heroku.patch(`/addons/${uuid}/config`, {body: {config: [{name: 'SLOW_URL', value: 'slow://set by heroku-client'}]}})
    await heroku.post(`/addons/${uuid}/actions/provision`)
  })
  return results
}
