import {createHash} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import type {Build} from '../../../../src/lib/schema/resources.js'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform} from '../../../support/platform.js'
import {tarOf} from '../../../support/tar-of.js'

async function source(files: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'hokku-deploy-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  return {directory, [Symbol.asyncDispose]: () => rm(directory, {recursive: true, force: true})}
}

describe('deploy', () => {
  it('builds the current directory and prints the build as a push does', async () => {
    await using platform = await startTestPlatform()
    await using code = await source({Procfile: 'web: node index.js\n', 'index.js': ''})
    await platform.run('create demo -n')
    const result = await platform.run('deploy -a demo', {cwd: code.directory})
    expect(result.stderr).toBe("Uploading demo's source... done\n")
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('----->')
    expect(result.stdout).not.toContain('\0')
    expect(await platform.api<Build[]>('GET', '/apps/demo/builds')).toMatchObject([{status: 'succeeded'}])
  })

  it('fails before it uploads anything when there is no such directory', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const result = await platform.run('deploy --dir ./nope -a demo')
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/Error: There is no \S+nope\./)
    expect(await platform.api('GET', '/apps/demo/builds')).toEqual([])
  })
})

describe('deploy URL', () => {
  it('has the runtime fetch an archive as GitHub makes them, redirects and credentials included, which are shown nowhere', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const archive = gzipSync(await buffer(tarOf({'demo-main/Procfile': 'web: serve\n', 'demo-main/index.js': ''})))
    await using server = await serving((request, response) => {
      if (request.url === '/archive') response.writeHead(302, {Location: '/real.tar.gz'}).end()
      else if (request.headers.authorization !== `Basic ${Buffer.from('me:to/ken').toString('base64')}`) response.writeHead(401).end()
      else response.end(archive)
    })
    const result = await platform.run(['deploy', `${server.url.replace('//', '//me:to%2Fken@')}/archive`, '-a', 'demo', '--version', 'v1'])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(platform.compiler.requests[0]).toMatchObject({layout: 'archive', sourceVersion: 'v1'})
    const [build] = await platform.api<Build[]>('GET', '/apps/demo/builds')
    expect(build).toMatchObject({status: 'succeeded', source_blob: {url: `${server.url}/archive`, version: 'v1'}})
  })

  it('says what the server said, and refuses what is no http', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    await using server = await serving((_, response) => response.writeHead(404).end())
    const gone = await platform.run(['deploy', `${server.url}/x.tgz`, '-a', 'demo'])
    expect(gone.stdout).toContain(` !     The source at ${server.url}/x.tgz could not be fetched: HTTP 404.`)
    expect(gone.exitCode).toBe(1)
    expect(await platform.run('deploy file:///etc/passwd -a demo')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('A source comes from an http or https URL, not from file:///etc/passwd.'),
    })
  })
})

describe('sources and builds, as the official API has them', () => {
  it('take a tarball by PUT, and a build with version, description and checksum', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const tarball = gzipSync(await buffer(tarOf({Procfile: 'web: serve\n'})))
    const {source_blob: place} = await platform.api<{source_blob: {put_url: string; get_url: string}}>('POST', '/sources')
    expect((await fetch(place.put_url, {method: 'PUT', body: tarball})).status).toBe(200)
    expect(Buffer.from(await (await fetch(place.get_url)).arrayBuffer()).equals(tarball)).toBe(true)
    const checksum = `SHA256:${createHash('sha256').update(tarball).digest('hex')}`
    const source = {url: place.get_url, version: 'v1.3.0', version_description: '* Fake User: did it', checksum}
    const build = await platform.api<Build>('POST', '/apps/demo/builds', {source_blob: source, buildpacks: [{url: 'heroku/nodejs'}]})
    expect(build).toMatchObject({source_blob: source, status: 'pending', slug: null, release: null})
    await eventually(async () => expect(await platform.api('GET', `/apps/demo/builds/${build.id}`)).toMatchObject({status: 'succeeded'}))
    const bad = await platform.api<Build>('POST', '/apps/demo/builds', {source_blob: {...source, checksum: `SHA256:${'0'.repeat(64)}`}})
    await eventually(async () => expect(await platform.api('GET', `/apps/demo/builds/${bad.id}`)).toMatchObject({status: 'failed'}))
    expect((await platform.run(`builds:output ${bad.id} -a demo`)).stdout).toContain('The source is not the one that was announced')
  })
})

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as {port: number}).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
