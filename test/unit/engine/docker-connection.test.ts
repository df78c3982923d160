import {createHash} from 'node:crypto'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type RequestListener} from 'node:http'
import {release, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {connectDocker} from '../../../src/lib/engine/docker/docker-engine.js'
import {locateDocker} from '../../../src/lib/engine/docker/locate.js'
import type {EngineEvent} from '../../../src/lib/engine/engine.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hokku-docker-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

describe('finding Docker', () => {
  const locate = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') => locateDocker({env, platform, homeDirectory: folder})
  const urls = (located: ReturnType<typeof locateDocker>) => located.candidates.map(({url}) => url)

  it('takes DOCKER_HOST alone, as a socket, a pipe, an address or a machine reached by ssh', () => {
    expect(locate({DOCKER_HOST: 'unix:///tmp/d.sock'}).candidates[0]?.options).toEqual({socketPath: '/tmp/d.sock'})
    expect(locate({DOCKER_HOST: 'npipe:////./pipe/d'}).candidates[0]?.options).toEqual({socketPath: '//./pipe/d'})
    expect(locate({DOCKER_HOST: 'tcp://box:2375'}).candidates[0]?.options).toEqual({protocol: 'http', host: 'box', port: 2375})
    const ssh = {protocol: 'ssh', host: 'box', port: 22, username: 'me'}
    expect(locate({DOCKER_HOST: 'ssh://me@box'}).candidates[0]?.options).toEqual(ssh)
    expect(locate({DOCKER_HOST: 'tcp://box:2375'}).candidates).toHaveLength(1)
  })

  it('reads certificates where DOCKER_TLS_VERIFY is set', () => {
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), name)
    const [endpoint] = locate({DOCKER_HOST: 'tcp://box', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder}).candidates
    expect(endpoint?.options).toEqual({
      protocol: 'https',
      host: 'box',
      port: 2376,
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    })
  })

  it('takes the current docker context, and DOCKER_CONTEXT before it', () => {
    context('work', 'unix:///work.sock')
    context('play', 'unix:///play.sock')
    writeFileSync(join(folder, '.docker', 'config.json'), JSON.stringify({currentContext: 'work'}))
    expect(urls(locate({}))).toEqual(['unix:///work.sock'])
    expect(urls(locate({DOCKER_CONTEXT: 'play'}))).toEqual(['unix:///play.sock'])
    expect(urls(locate({DOCKER_HOST: 'unix:///host.sock', DOCKER_CONTEXT: 'play'}))).toEqual(['unix:///host.sock'])
  })

  it('says why a context does not apply', () => {
    expect(locate({DOCKER_CONTEXT: 'gone'}).notes).toContainEqual(expect.stringContaining('the docker context gone has no endpoint'))
  })

  it('looks at the sockets of the engines people have, and says which are not there', () => {
    for (const path of ['.colima/default', '.rd', 'run']) mkdirSync(join(folder, path), {recursive: true})
    for (const path of ['.colima/default/docker.sock', '.rd/docker.sock', 'run/docker.sock']) writeFileSync(join(folder, path), '')
    const {candidates, notes} = locate({XDG_RUNTIME_DIR: join(folder, 'run')})
    const sources = candidates.map(({source}) => source).filter(source => source !== 'Docker' && source !== 'Podman')
    expect(sources).toEqual(['rootless Docker', 'Colima', 'Rancher Desktop'])
    expect(notes).toContainEqual(expect.stringContaining('OrbStack: there is no'))
    expect(locate({}).notes).toContainEqual(expect.stringContaining('XDG_RUNTIME_DIR is not set'))
  })

  it('takes the pipe on Windows', () => {
    expect(locate({}, 'win32').candidates[0]?.options).toEqual({socketPath: '//./pipe/docker_engine'})
  })

  function context(name: string, host: string): void {
    const meta = join(folder, '.docker', 'contexts', 'meta', createHash('sha256').update(name).digest('hex'))
    mkdirSync(meta, {recursive: true})
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({Name: name, Endpoints: {docker: {Host: host}}}))
  }
})

describe('connecting', () => {
  const env = () => ({DOCKER_HOST: `unix://${join(folder, 'd.sock')}`})

  it('resolves while Docker is down and works once it answers', async () => {
    const engine = await connectDocker({env: env()})
    await expect(engine.ping()).rejects.toMatchObject({code: 'unavailable', message: expect.stringContaining('d.sock')})
    await using _server = await docker(answers())
    expect(await engine.ping()).toMatchObject({version: '27.0.1', apiVersion: '1.46', architecture: 'arm64', cpus: 4})
    expect(await engine.observe({a: 'b'})).toEqual([])
  })

  it('connects again after Docker was away', async () => {
    const engine = await connectDocker({env: env()})
    {
      await using _server = await docker(answers())
      await engine.ping()
    }
    await expect(engine.ping()).rejects.toMatchObject({code: 'unavailable'})
    await using _again = await docker(answers({Version: '28.0.0'}))
    expect((await engine.ping()).version).toBe('28.0.0')
  })

  it('refuses an engine that is too old and names what is needed', async () => {
    await using _server = await docker(answers({ApiVersion: '1.40', Version: '19.03.1'}))
    const engine = await connectDocker({env: env()})
    await expect(engine.ping()).rejects.toMatchObject({code: 'too_old', message: expect.stringContaining('20.10')})
  })

  it('does not count on addresses of a rootless engine', async () => {
    await using _server = await docker(answers({}, {SecurityOptions: ['name=seccomp', 'name=rootless']}))
    const engine = await connectDocker({env: env()})
    expect(engine.capabilities).toEqual({routableAddresses: false, hostNetwork: false})
  })

  it.each([
    ['of this machine', release(), true],
    ['of a VM, though its socket is here', '6.6.0-of-a-vm', false],
    ['that does not tell', '<unknown>', true],
  ])('counts on addresses of an engine with a kernel %s as far as they lead', async (_whose, KernelVersion, leads) => {
    await using _server = await docker(answers({}, {KernelVersion}))
    const engine = await connectDocker({env: env()})
    const direct = leads && process.platform === 'linux'
    expect(engine.capabilities).toEqual({routableAddresses: direct, hostNetwork: direct})
  })

  it('opens broken events again and says resync', async () => {
    let opened = 0
    const event = (name: string) =>
      `${JSON.stringify({Type: 'container', Action: 'start', Actor: {ID: name, Attributes: {name, part: 'a', image: 'x'}}, timeNano: 1.700000000123e18})}\n`
    const listener = answers({}, {}, (_request, response) => {
      opened++
      response.write(event(`c${opened}`))
      if (opened === 1) setTimeout(() => response.destroy(), 20)
    })
    await using _server = await docker(listener)
    const engine = await connectDocker({env: env()})
    const stop = new AbortController()
    const heard: EngineEvent[] = []
    for await (const one of engine.events({}, stop.signal)) if (heard.push(one) === 3) break
    stop.abort()
    expect(heard.map(one => ('name' in one ? `${one.type} ${one.name}` : one.type))).toEqual(['start c1', 'resync', 'start c2'])
    expect(heard[0]).toMatchObject({labels: {part: 'a'}, at: new Date(1_700_000_000_123)})
    expect(heard[0]).not.toHaveProperty('labels.image')
  })

  function answers(version: object = {}, info: object = {}, events?: RequestListener): RequestListener {
    return (request, response) => {
      const path = request.url?.split('?')[0]
      if (path === '/events') return events?.(request, response)
      response.setHeader('content-type', 'application/json')
      if (path === '/version') response.end(JSON.stringify({Version: '27.0.1', ApiVersion: '1.46', Arch: 'arm64', ...version}))
      else if (path === '/info') response.end(JSON.stringify({NCPU: 4, MemTotal: 8, OperatingSystem: 'Debian', ...info}))
      else if (path === '/containers/json') response.end('[]')
      else response.end('"OK"')
    }
  }

  async function docker(listener: RequestListener): Promise<AsyncDisposable> {
    const server = createServer(listener)
    await new Promise<void>(resolve => server.listen(join(folder, 'd.sock'), resolve))
    return {
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise(resolve => server.close(resolve))
      },
    }
  }
})
