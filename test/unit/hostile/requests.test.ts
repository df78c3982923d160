import {chmodSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {type IncomingHttpHeaders, request} from 'node:http'
import {afterAll, beforeAll, describe, expect, it, test} from 'vitest'
import {loadToken, streamKey} from '../../../src/lib/runtime/server/token.js'
import {startTestPlatform, type TestPlatform} from '../../support/platform.js'
import {temporaryDirectory} from './temporary-directory.js'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
})
afterAll(() => platform[Symbol.asyncDispose]())

/** As any program on this machine can ask. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer | string): Promise<Answer> {
  const {port} = new URL(platform.runtime.services.addresses.api())
  return new Promise((resolve, reject) => {
    const sent = request({host: '127.0.0.1', port, method, path, headers}, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () => resolve({status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString()}))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const bearer = (): Record<string, string> => ({Authorization: `Bearer ${platform.runtime.services.token}`})

describe('the TCP side', () => {
  const paths = ['/apps', '/apps/demo/config-vars', '/account', '/runtime', '/demo.git/info/refs?service=git-upload-pack', '/nothing-here']

  it.each(paths)('says nothing of %s without the token', async path => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Bearer x',
      'Basic',
      'Basic Og==',
      basic('x:y'),
      'Negotiate x',
      'Bearer undefined',
    ])
      expect((await ask('GET', path, {Authorization: authorization})).status, authorization).toBe(401)
  })

  it.each(['evil.example', 'evil.example:5080', '127.0.0.1.evil.example', 'demo.localhost', '169.254.169.254', '0.0.0.0'])(
    'answers 421 to the right token under the name %s (DNS rebinding)',
    async host => {
      expect((await ask('GET', '/apps', {...bearer(), Host: host})).status).toBe(421)
    },
  )

  it('gives no foreign page leave: preflights are refused and no Access-Control header is ever sent', async () => {
    const origin = {Origin: 'https://evil.example'}
    const preflight = {...origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization'}
    const secret = `/sources/${'0'.repeat(48)}`
    const answers = [
      ...(await Promise.all([...paths, secret].map(path => ask('OPTIONS', path, preflight)))),
      ...(await Promise.all(paths.map(path => ask('GET', path, {...origin, ...bearer()})))),
      await ask('PUT', secret, origin, 'x'),
    ]
    for (const {headers} of answers) expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
    for (const {status} of answers.slice(0, paths.length + 1)) expect(status).toBeGreaterThanOrEqual(400)
  })

  it('is not controlled by whoever has the token: stopping and terminals are for the socket', async () => {
    expect((await ask('POST', '/runtime/stop', bearer())).status).toBe(403)
    expect((await ask('POST', '/runtime/attach/x/resize', bearer(), '{}')).status).toBe(403)
    expect((await ask('GET', '/runtime', bearer())).body).not.toContain(platform.runtime.services.token)
  })
})

describe('a URL that is its own key', () => {
  it('of a stream opens that stream, and the id alone opens nothing', async () => {
    await platform.deploy('demo', {'index.js': 'x', Procfile: 'web: x'})
    const [build] = await platform.api<{id: string; output_stream_url: string}[]>('GET', '/apps/demo/builds')
    const {pathname} = new URL(build!.output_stream_url)
    expect((await ask('GET', pathname)).body).toContain('----->')
    expect((await ask('GET', `/streams/${build!.id}`)).status).toBe(401)
    expect((await ask('GET', `/streams/${build!.id}`, bearer())).status).toBe(404)
    expect((await ask('GET', `/streams/${build!.id}-${'0'.repeat(32)}`)).status).toBe(404)
    expect((await ask('GET', `${pathname.slice(0, -1)}${pathname.endsWith('0') ? '1' : '0'}`)).status).toBe(404)
  })

  it('never names a file', async () => {
    for (const name of ['..%2fruntime', '..%2f..%2fetc%2fpasswd', '%2e%2e%2fruntime', `${'.'.repeat(36)}-${'0'.repeat(32)}`])
      expect((await ask('GET', `/streams/${name}`, bearer())).status, name).toBe(404)
  })

  it('of a source takes nothing that was not asked for', async () => {
    expect((await ask('PUT', `/sources/${'ab'.repeat(24)}`, {}, 'x')).status).toBe(404)
    expect((await ask('GET', `/sources/${'ab'.repeat(24)}`)).status).toBe(404)
    const {source_blob: blob} = await platform.api<{source_blob: {put_url: string}}>('POST', '/sources')
    expect(new URL(blob.put_url).pathname).toMatch(/^\/sources\/[0-9a-f]{48}$/)
    expect((await ask('PUT', new URL(blob.put_url).pathname, {}, 'x')).status).toBe(200)
  })

  it('of a log session has 192 bits and lets nobody read other sessions', async () => {
    const made = await Promise.all([1, 2].map(() => platform.api<{logplex_url: string}>('POST', '/apps/demo/log-sessions', {lines: 1})))
    const secrets = made.map(one => new URL(one.logplex_url).pathname.replace('/log-sessions/', ''))
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(24)
    expect(secrets[0]).not.toBe(secrets[1])
    expect((await ask('GET', `/log-sessions/${'A'.repeat(32)}`)).status).toBe(404)
  })
})

describe('a body', () => {
  it('of more than 1 MB is refused after it was heard out', async () => {
    const huge = JSON.stringify({A: 'x'.repeat(3 << 20)})
    const answer = await ask('PATCH', '/apps/demo/config-vars', bearer(), huge)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, {id: 'bad_request', message: 'The request body is larger than 1 MB.'}])
    await expect(platform.api('PATCH', '/apps/demo/config-vars', {A: 'x'.repeat(2 << 20)})).rejects.toThrow('larger than 1 MB')
  })

  it.each([
    ['is no JSON', '{A: 1}', 'bad_request'],
    ['is cut off', '{"A": "b', 'bad_request'],
    ['is of another shape', '["A"]', 'invalid_params'],
    ['is nested a hundred thousand times', '['.repeat(100_000), 'bad_request'],
    ['holds a NUL', '{"A": "a\\u0000b"}', 'invalid_params'],
    ['is a number', '7', 'invalid_params'],
    ['is null', 'null', 'invalid_params'],
  ])('that %s is refused by its id and changes nothing', async (_, text, id) => {
    const before = await platform.api('GET', '/apps/demo/config-vars')
    const answer = await ask('PATCH', '/apps/demo/config-vars', bearer(), text)
    expect(JSON.parse(answer.body).id).toBe(id)
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual(before)
  })

  it('with fields nobody knows is read for those we know, as Heroku does', async () => {
    const answer = await ask('POST', '/apps', bearer(), JSON.stringify({name: 'unknown-fields', owner: 'x', __proto__: {admin: true}}))
    expect([answer.status, JSON.parse(answer.body).name]).toEqual([201, 'unknown-fields'])
  })

  it('with bytes that are no UTF-8 does not crash anything', async () => {
    const answer = await ask('POST', '/apps', bearer(), Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))
    expect(answer.status).toBeLessThan(500)
  })
})

test('no request makes the runtime log a bug of its own', () => {
  expect(platform.errors).toEqual([])
})

describe('the token', () => {
  it('is made anew when its file is empty or cut off: nothing is no password', async () => {
    await using at = await temporaryDirectory()
    const path = `${at.path}/token`
    const first = loadToken(path)
    expect(first).toMatch(/^HRKU-[0-9a-f]{48}$/)
    expect(loadToken(path)).toBe(first)
    for (const broken of ['', '\n', 'HRKU-12', 'a b']) {
      writeFileSync(path, broken)
      const next = loadToken(path)
      expect(next).toMatch(/^HRKU-[0-9a-f]{48}$/)
      expect(readFileSync(path, 'utf8')).toBe(`${next}\n`)
    }
    chmodSync(path, 0o644)
    loadToken(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('makes another key for every output', () => {
    const keys = new Set(['a', 'b'].flatMap(token => ['1', '2'].map(id => streamKey(token, id))))
    expect(keys.size).toBe(4)
  })
})
