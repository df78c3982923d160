import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {AddonRecord} from '../../src/lib/runtime/addons/addons.js'
import type {Clock} from '../../src/lib/runtime/support/clock.js'
import {hasSchema, PublishedSchema} from '../conformance/schema.js'
import {type FakePartner, fakePartner, type Json} from './fake-partner.js'
import {startTestPlatform, type TestPlatform} from './platform.js'

export interface Call {
  token?: string
  body?: unknown
  form?: Record<string, string>
}

/** A platform with an app, demo, and a partner whose service can be installed there. */
export interface PartnerWorld extends AsyncDisposable {
  platform: TestPlatform
  partner: FakePartner
  /** Holds the manifest once it was installed. */
  folder: string
  /** Installs the service; its client secret. */
  install(change?: (manifest: Json) => void): Promise<string>
  /** A call of the TCP side, as partners make them. What is answered is held against the published schema where that is there. */
  call(method: string, path: string, how?: Call): Promise<{status: number; body: Json}>
  /** What a partner does with the grant of the first request it got: the access token. */
  exchanged(clientSecret: string): Promise<string>
  /** The oldest add-on. */
  addon(): AddonRecord
  config(name: string): Promise<string>
  /** Descriptions of the app's releases after its first two. */
  releases(): Promise<string[]>
}

/** Compiled for all worlds: that takes longer than most tests. */
let schema: PublishedSchema | undefined

/** `clock`: whose time the platform goes by. */
export async function partnerWorld(given: {clock?: Clock} = {}): Promise<PartnerWorld> {
  const partner = await fakePartner()
  const platform = await startTestPlatform(given)
  const folder = await mkdtemp(join(tmpdir(), 'hk-partner-'))
  if (hasSchema) schema ??= new PublishedSchema()
  await platform.run('create demo')
  const call = async (method: string, path: string, how: Call = {}): Promise<{status: number; body: Json}> => {
    const answer = await platform.runtime.api.fetch(requestOf(method, path, how), {trusted: false} as never)
    const [status, body] = [answer.status, await answer.json()]
    const problems = schema?.problems({method, path, status, body}) ?? []
    if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join('; ')}`)
    return {status, body}
  }
  return {
    platform,
    partner,
    folder,
    call,
    async install(change) {
      await writeFile(join(folder, 'addon-manifest.json'), JSON.stringify(partner.manifest(change)))
      const {stdout, stderr, exitCode} = await platform.run(['addons:install', folder, '--json'])
      if (exitCode !== 0) throw new Error(stderr)
      return JSON.parse(stdout).oauth_client_secret
    },
    async exchanged(clientSecret) {
      const {code} = (partner.requests[0] as {body: Json}).body.oauth_grant
      const {body} = await call('POST', '/oauth/token', {form: {grant_type: 'authorization_code', code, client_secret: clientSecret}})
      return body.access_token
    },
    addon: () => platform.runtime.services.addons.list()[0] as AddonRecord,
    config: async name => (await platform.run(['config:get', name, '--app', 'demo'])).stdout.trim(),
    releases: async () => (await platform.api<{description: string}[]>('GET', '/apps/demo/releases')).map(one => one.description).slice(2),
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]()
      await partner[Symbol.asyncDispose]()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

function requestOf(method: string, path: string, {token, body, form}: Call): Request {
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  const headers = {Host: '127.0.0.1', 'Content-Type': type, ...(token !== undefined && {Authorization: `Bearer ${token}`})}
  const sent = form === undefined ? body && JSON.stringify(body) : new URLSearchParams(form).toString()
  return new Request(`http://127.0.0.1${path}`, {method, headers, ...(typeof sent === 'string' && {body: sent})})
}
