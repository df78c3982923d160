import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import type {Release} from '../../../../src/lib/schema/resources.js'
import {eventually} from '../../../support/eventually.js'
import {startTestPlatform} from '../../../support/platform.js'

async function folder(files: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'hokku-docker-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), {recursive: true})
    await writeFile(join(path, name), content)
  }
  return {path, [Symbol.asyncDispose]: () => rm(path, {recursive: true, force: true})}
}

async function startShop() {
  const platform = await startTestPlatform()
  await platform.run('create shop --stack container')
  return platform
}

const descriptions = async (platform: Awaited<ReturnType<typeof startShop>>): Promise<string[]> =>
  (await platform.api<Release[]>('GET', '/apps/shop/releases')).map(({description}) => description)

test('container:login succeeds where there is nothing to log in to', async () => {
  await using platform = await startTestPlatform()
  expect(await platform.run('container:login')).toMatchObject({exitCode: 0, stdout: 'Login Succeeded\n'})
})

test('container:push sends what the Dockerfile may see, keeps the image, and releases nothing', async () => {
  await using platform = await startShop()
  await using at = await folder({
    Dockerfile: 'FROM debian:13-slim',
    '.dockerignore': 'log/*\n!log/kept\nnode_modules\n',
    '.gitignore': 'dist\n',
    '.git/HEAD': 'x',
    'dist/app.js': 'built',
    'log/a': '',
    'log/kept': '',
    'node_modules/m/index.js': '',
  })
  const before = await descriptions(platform)
  const {stdout, exitCode} = await platform.run(['container:push', 'web', '-a', 'shop', '--arg', 'ENV=live,HTTPS=on=1,HOME'], {
    cwd: at.path,
  })
  expect([exitCode, stdout.split('\n').at(-2)]).toEqual([
    0,
    "Your image has been successfully pushed. You can now release it with the 'container:release' command.",
  ])
  expect(Object.keys(platform.compiler.sources[0] ?? {}).sort()).toEqual([
    '.dockerignore',
    '.gitignore',
    'Dockerfile',
    'dist/app.js',
    'log/kept',
  ])
  expect(platform.compiler.requests[0]).toMatchObject({
    stack: 'container',
    push: {images: [{type: 'web', dockerfile: 'Dockerfile', context: ''}], args: {ENV: 'live', HTTPS: 'on=1', HOME: expect.any(String)}},
  })
  expect(await descriptions(platform)).toEqual(before)
  expect(await platform.api('GET', '/apps/shop/container-images')).toMatchObject([{type: 'web', command: 'serve web'}])
})

test('container:push --recursive builds every Dockerfile.TYPE in its folder, or all in one context', async () => {
  await using platform = await startShop()
  await using at = await folder({'Dockerfile.web': '', 'jobs/Dockerfile.worker': '', 'jobs/work.js': '', 'other/x': ''})
  await platform.run('container:push --recursive -a shop', {cwd: at.path})
  expect(platform.compiler.requests[0]?.push?.images).toMatchObject([
    {type: 'web', dockerfile: 'Dockerfile.web', context: ''},
    {type: 'worker', dockerfile: 'jobs/Dockerfile.worker', context: 'jobs'},
  ])
  const {stderr} = await platform.run('container:push worker clock -R -a shop --context-path ..', {cwd: join(at.path, 'jobs')})
  expect(stderr).toContain('Dockerfile.clock not found')
  expect(platform.compiler.requests[1]?.push?.images).toMatchObject([{type: 'worker', dockerfile: 'jobs/Dockerfile.worker', context: ''}])
  expect(Object.keys(platform.compiler.sources[1] ?? {})).toContain('other/x')
})

test('container:push takes Dockerfile.web where there is no Dockerfile, or an image by its name', async () => {
  await using platform = await startShop()
  await using at = await folder({'Dockerfile.web': ''})
  await platform.run('container:push web -a shop', {cwd: at.path})
  await platform.run('container:push worker --image nginx:1.27 -a shop', {cwd: at.path})
  expect(platform.compiler.requests.map(({push}) => push?.images)).toMatchObject([
    [{type: 'web', dockerfile: 'Dockerfile.web'}],
    [{type: 'worker', image: 'nginx:1.27'}],
  ])
})

test('container:release makes one release of the images that were pushed, beside what runs', async () => {
  await using platform = await startShop()
  await using at = await folder({Dockerfile: ''})
  for (const type of ['web', 'worker']) await platform.run(`container:push ${type} -a shop`, {cwd: at.path})
  expect((await platform.run('container:release web -a shop')).stderr).toBe('Releasing images web to shop... done\n')
  await platform.dynos('shop', {'web.1': 'up'})
  await platform.run('container:release worker -a shop')
  expect((await descriptions(platform)).slice(-2)).toEqual(['Deployed web (debian:13-sl)', 'Deployed worker (debian:13-sl)'])
  await platform.run('ps:scale worker=1 -a shop')
  await platform.dynos('shop', {'web.1': 'up', 'worker.1': 'up'})
  expect((await platform.run('ps -a shop')).stdout).toContain('=== worker (Basic): serve worker (1)')
})

test('container:release runs the image that was pushed as release, and fails with it', async () => {
  await using platform = await startShop()
  await using at = await folder({Dockerfile: ''})
  for (const type of ['web', 'release']) await platform.run(`container:push ${type} -a shop`, {cwd: at.path})
  const released = platform.run('container:release web release -a shop')
  await eventually(async () => {
    const [container] = await platform.engine.observe({'hokku.type': 'release'})
    platform.engine.crash(container?.name ?? '', 3)
  })
  const {stdout, stderr, exitCode} = await released
  expect([exitCode, stdout]).toEqual([1, 'Running release command...\n'])
  expect(stderr).toContain('release command failed')
})

test('container:rm ends a process type, as a release', async () => {
  await using platform = await startShop()
  await using at = await folder({Dockerfile: ''})
  for (const type of ['web', 'worker']) await platform.run(`container:push ${type} -a shop`, {cwd: at.path})
  await platform.run('container:release web worker -a shop')
  await platform.dynos('shop', {'web.1': 'up'})
  expect((await platform.run('container:rm web -a shop')).stderr).toBe('Removing container web for shop... done\n')
  await platform.dynos('shop', {})
  expect((await descriptions(platform)).at(-1)).toBe('Removed web')
  expect((await platform.run('container:rm web -a shop')).stderr).toContain("Couldn't find that process type (web).")
  await platform.run('container:rm worker -a shop')
  expect((await platform.run(['run', '-a', 'shop', 'echo', 'still'])).stdout).toBe('still\n')
})

test('container:run runs what was pushed before it is released', async () => {
  await using platform = await startShop()
  await using at = await folder({Dockerfile: ''})
  await platform.run('container:push web -a shop', {cwd: at.path})
  await platform.run(['config:set', 'GREETING=hei', '-a', 'shop'])
  expect((await platform.run('container:run -a shop web printenv GREETING')).stdout).toBe('hei\n')
  expect((await platform.run(['container:run', '-a', 'shop', 'web', '--', 'exit 4'])).exitCode).toBe(4)
})

test.each([
  ['container:push -a shop', 2, 'Requires either --recursive or one or more process types'],
  ['container:push web worker -a shop', 2, 'Requires exactly one target process type, or --recursive option'],
  ['container:push web -a shop', 1, 'No images to push'],
  ['container:release -a shop', 2, 'Requires one or more process types'],
  ['container:release web -a shop', 1, 'No image was pushed for web. Push one with: hokku container:push web'],
  ['container:run web -a shop', 1, 'No image was pushed for web.'],
  ['container:rm -a shop', 2, 'Requires one or more process types'],
  [
    'container:push web --image x -a slug',
    1,
    'This command is for Docker apps only. Switch stacks by running hokku stack:set container. Or, to',
  ],
  ['container:rm web -a slug', 1, 'This command is for Docker apps only.'],
])('%s ends with %i: %s', async (command, code, message) => {
  await using platform = await startShop()
  await platform.run('create slug')
  await using at = await folder({x: ''})
  const {exitCode, stderr} = await platform.run(command, {cwd: at.path})
  expect([exitCode, stderr.replace(/\n › +/g, ' ')]).toEqual([code, expect.stringContaining(message)])
})
