import {request} from 'node:http'
import {describe, expect, it} from 'vitest'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

interface Reply {
  status: number
  headers: Headers
  json: unknown
}

async function call(
  platform: TestPlatform,
  method: string,
  path: string,
  options: {body?: unknown; headers?: Record<string, string>} = {},
): Promise<Reply> {
  const init = {method, headers: options.headers ?? {}, ...(options.body === undefined ? {} : {body: JSON.stringify(options.body)})}
  const answer = await platform.runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
  const text = await answer.text()
  return {status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text)}
}

function overTcp(platform: TestPlatform, path: string, headers: Record<string, string>): Promise<number> {
  const url = new URL(platform.runtime.services.addresses.api())
  return new Promise((resolve, reject) => {
    const sent = request({port: url.port, host: '127.0.0.1', path, headers}, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })
}

describe('the API', () => {
  it('begins an app with two releases and follows it until it is gone', async () => {
    await using platform = await startTestPlatform()
    const created = await call(platform, 'POST', '/apps', {body: {name: 'demo'}})
    expect([created.status, created.json]).toMatchObject([
      201,
      {name: 'demo', web_url: 'http://demo.localhost/', stack: {name: 'heroku-24'}},
    ])
    const releases = await call(platform, 'GET', '/apps/demo/releases')
    expect(releases.json).toMatchObject([
      {version: 1, description: 'Initial release', current: false},
      {version: 2, description: 'Enable Logplex', current: true, slug: null},
    ])
    expect(platform.router.route('demo')?.state).toBe('blank')
    expect((await call(platform, 'DELETE', '/apps/demo')).status).toBe(200)
    expect((await call(platform, 'GET', '/apps/demo')).json).toEqual({id: 'not_found', message: "Couldn't find that app.", resource: 'app'})
    expect(platform.router.route('demo')).toBeUndefined()
  })

  it('says the generation of an app as each variant of the API does', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    const ask = async (accept: string): Promise<unknown[]> => {
      const answers = ['/apps/demo', '/apps'].map(path => call(platform, 'GET', path, {headers: {accept}}))
      return (await Promise.all(answers)).map(({json}) => [json].flat()[0])
    }
    const object = {generation: {id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'cedar'}}
    expect(await ask('application/vnd.heroku+json; version=3')).toMatchObject([object, object])
    expect(await ask('application/vnd.heroku+json; version=3.sdk')).toMatchObject([{generation: 'cedar'}, {generation: 'cedar'}])
  })

  it.each([true, 1])('takes %s for true, and 0 for false as heroku3.py sends it', async on => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    for (const [maintenance, meant] of [
      [on, true],
      [0, false],
    ] as const)
      expect((await call(platform, 'PATCH', '/apps/demo', {body: {maintenance}})).json).toMatchObject({maintenance: meant})
    expect((await call(platform, 'PATCH', '/apps/demo', {body: {maintenance: 2}})).status).toBe(422)
  })

  it.each([
    ['POST', '/apps', {name: 'demo'}, 422, 'Name demo is already taken'],
    ['POST', '/apps', {name: 'No'}, 422, 'Name No is not valid'],
    ['POST', '/apps', {stack: 'heroku-1'}, 422, "Couldn't find stack heroku-1"],
    ['PATCH', '/apps/demo/config-vars', {A: 1}, 422, 'A: Invalid input'],
    ['PATCH', '/apps/demo/formation', {updates: [{type: 'web', quantity: 1}]}, 404, "Couldn't find that process type (web)."],
    ['POST', '/apps/demo/releases', {release: '77'}, 404, "Couldn't find that release."],
    ['POST', '/apps/demo/releases', {release: '1'}, 422, 'Cannot roll back to v1: it has no code'],
    ['POST', '/apps/demo/builds', {}, 422, 'source_blob'],
    ['POST', '/apps/demo/domains', {hostname: 'not a host'}, 422, 'not a host is not a valid domain name.'],
    ['GET', '/apps/demo/nothing', undefined, 404, 'The requested API endpoint was not found.'],
  ])('answers %s %s %j with %d', async (method, path, body, status, message) => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    const answer = await call(platform, method, path, body === undefined ? {} : {body})
    expect([answer.status, (answer.json as {message: string}).message]).toEqual([status, expect.stringContaining(message)])
    expect(platform.errors).toEqual([])
  })

  it('pages lists by ranges, newest first when asked', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    for (let n = 3; n <= 7; n += 1) await platform.api('PATCH', '/apps/demo/config-vars', {A: String(n)})
    const first = await call(platform, 'GET', '/apps/demo/releases', {headers: {range: 'version ..; max=3, order=desc'}})
    expect([first.status, (first.json as {version: number}[]).map(release => release.version)]).toEqual([206, [7, 6, 5]])
    const next = first.headers.get('next-range') as string
    expect(next).toBe('version ]5..; max=3, order=desc')
    const second = await call(platform, 'GET', '/apps/demo/releases', {headers: {range: next}})
    expect((second.json as {version: number}[]).map(release => release.version)).toEqual([4, 3, 2])
    const last = await call(platform, 'GET', '/apps/demo/releases', {headers: {range: 'version 7..'}})
    expect([last.status, last.headers.get('next-range')]).toEqual([200, null])
    expect((await call(platform, 'GET', '/apps/demo/releases', {headers: {range: '!!'}})).status).toBe(416)
  })

  it('wants the token and a loopback Host on the TCP side', async () => {
    await using platform = await startTestPlatform()
    const authorization = `Bearer ${platform.runtime.services.token}`
    expect(await overTcp(platform, '/account', {authorization})).toBe(200)
    expect(
      await overTcp(platform, '/account', {
        authorization: `Basic ${Buffer.from(`x:${platform.runtime.services.token}`).toString('base64')}`,
      }),
    ).toBe(200)
    expect(await overTcp(platform, '/account', {})).toBe(401)
    expect(await overTcp(platform, '/account', {authorization: 'Bearer wrong'})).toBe(401)
    expect(await overTcp(platform, '/account', {authorization, host: 'evil.example'})).toBe(421)
    expect(await overTcp(platform, '/runtime', {authorization})).toBe(403)
  })

  it('deploys, starts a web dyno, routes to it, and restores config vars with a rollback', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    await platform.api('PATCH', '/apps/demo/config-vars', {COLOR: 'red'})
    const output = await platform.deploy('demo', {Procfile: 'web: serve\nworker: work\n'}, '1234567890abcdef')
    expect(output).toContain('       Released v4\n       http://demo.localhost/ deployed to hokku\n')
    expect(output).toContain('Verifying deploy... done.')
    await platform.dynos('demo', {'web.1': 'up'})
    await eventually(() => expect(platform.router.route('demo')).toMatchObject({state: 'up', targets: [{dyno: 'web.1'}]}))
    await platform.api('PATCH', '/apps/demo/config-vars', {COLOR: 'blue', MORE: 'x'})
    await platform.api('POST', '/apps/demo/releases', {release: 'v4'})
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({COLOR: 'red'})
    expect(await platform.api('GET', '/apps/demo/releases/5/config-vars')).toEqual({COLOR: 'blue', MORE: 'x'})
    const releases = await platform.api<{version: number; description: string}[]>('GET', '/apps/demo/releases')
    expect(releases.slice(2).map(release => `v${release.version} ${release.description}`)).toEqual([
      'v3 Set COLOR config vars',
      'v4 Deploy 12345678',
      'v5 Set COLOR, MORE config vars',
      'v6 Rollback to v4',
    ])
  })

  it('keeps the release before when a build fails, and says what failed', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    await platform.deploy('demo', {Procfile: 'web: serve\n'})
    const output = await platform.deploy('demo', {fails: 'it broke'})
    expect(output).toContain('it broke\n !     Push rejected, failed to compile Node.js app.\n\n !     Push failed\n')
    const builds = await platform.api<{status: string}[]>('GET', '/apps/demo/builds')
    expect(builds.map(build => build.status)).toEqual(['succeeded', 'failed'])
    expect(await platform.api('GET', '/apps/demo/releases')).toHaveLength(3)
  })

  it('runs the release phase before a release becomes current, and not for its own failure', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    expect(await platform.deploy('demo', {Procfile: 'web: serve\nrelease: exit 0\n'})).toContain('Waiting for release.... done.')
    expect(await platform.deploy('demo', {Procfile: 'web: other\nrelease: exit 3\n'})).toContain('Waiting for release.... failed.')
    type Release = {version: number; status: string; current: boolean; output_stream_url: string}
    const releases = await platform.api<Release[]>('GET', '/apps/demo/releases')
    expect(releases.slice(2)).toMatchObject([
      {version: 3, status: 'succeeded', current: true},
      {version: 4, status: 'failed', current: false},
    ])
    expect(await overTcp(platform, new URL(releases[2]!.output_stream_url).pathname, {})).toBe(200)
    const formation = await platform.api<{type: string; command: string}[]>('GET', '/apps/demo/formation')
    expect(formation.find(one => one.type === 'web')?.command).toBe('serve')
  })

  it('builds one after the other and lets a waiting build be canceled', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    const outputs = await Promise.all([1, 2, 3].map(n => platform.deploy('demo', {Procfile: `web: serve ${n}\n`})))
    expect(outputs.map(output => /Released v(\d+)/.exec(output)?.[1]).sort()).toEqual(['3', '4', '5'])
  })

  it('sets an app up from its app.json', async () => {
    await using platform = await startTestPlatform()
    const {pack} = await import('tar-stream')
    const tar = pack()
    tar.entry({name: 'Procfile'}, 'web: serve\nworker: work\n')
    tar.entry(
      {name: 'app.json'},
      JSON.stringify({env: {A: 'a', S: {generator: 'secret'}}, formation: {worker: {quantity: 2}}, scripts: {postdeploy: 'exit 0'}}),
    )
    tar.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of tar) chunks.push(chunk as Buffer)
    const {source_blob: blob} = await platform.api<{source_blob: {put_url: string; get_url: string}}>('POST', '/sources')
    await platform.runtime.fetch(new Request(blob.put_url, {method: 'PUT', body: Buffer.concat(chunks)}))
    const setup = await platform.api<{id: string; app: {name: string}}>('POST', '/app-setups', {
      app: {name: 'set-up'},
      source_blob: {url: blob.get_url},
    })
    await eventually(async () =>
      expect(await platform.api('GET', `/app-setups/${setup.id}`)).toMatchObject({status: 'succeeded', postdeploy: {exit_code: 0}}),
    )
    expect(await platform.api('GET', '/apps/set-up/config-vars')).toMatchObject({A: 'a', S: expect.stringMatching(/^[0-9a-f]{64}$/)})
    await platform.dynos('set-up', {'worker.1': 'up', 'worker.2': 'up'})
  })

  it('says that there is no engine, and does what needs none', async () => {
    await using platform = await startTestPlatform()
    await platform.api('POST', '/apps', {name: 'demo'})
    platform.engine.goDown()
    expect((await call(platform, 'DELETE', '/apps/demo')).json).toMatchObject({id: 'engine_unavailable'})
    expect((await call(platform, 'PATCH', '/apps/demo/config-vars', {body: {A: '1'}})).status).toBe(200)
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({A: '1'})
    platform.engine.comeUp()
  })
})
