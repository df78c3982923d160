import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {dockerApi} from '../support/docker-api.js'
import {eventually} from '../support/eventually.js'
import {secretsIn} from '../support/search.js'
import {World} from '../support/world.js'
import {filesIn} from '../unit/runtime/slugs/source-files.js'

const example = fileURLToPath(new URL('../../examples/container-heroku-yml', import.meta.url))

/** One app on the container stack, from its first push to a rollback; every step builds on the ones before. */
describe('an app of Dockerfiles', () => {
  let world: World
  let folder: string
  const file = (path: string) => readFile(join(example, path), 'utf8')

  beforeAll(async () => {
    world = await World.start()
    const files = Object.fromEntries((await filesIn(example)).map(({path, text = ''}) => [path, text]))
    folder = await world.project('shop', files)
    await world.exec('chmod', ['+x', 'prepare.sh', 'jobs/worker.sh'], folder)
    await world.commit(folder, 'executable')
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('is set up as its manifest says', async () => {
    const {stdout, stderr} = await world.hokku('create shop --manifest', folder)
    expect(stderr).toContain('Reading heroku.yml manifest... done\nCreating shop... done, stack is container\n')
    expect(stdout).toContain('http://shop.localhost')
    expect(await world.ok('config:get GREETING', folder)).toBe('Hei\n')
    await eventually(async () => expect(await world.ok('config', folder)).toContain('JOBS_URL'))
    await world.ok(['config:set', 'PLANTED=secret-of-the-shop'], folder)
  })

  it('is deployed by a push, release command and all', async () => {
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode, stderr).toBe(0)
    const said = stderr.replace(/^remote: ?/gm, '').replace(/ +$/gm, '')
    expect(said).toContain('=== Fetching app code\n=== Building web (Dockerfile)\n')
    expect(said).toMatch(/=== Pushing worker \(jobs\/Dockerfile\)\nTagged image "[0-9a-f]{12}" as /)
    expect(said).toContain('Running release command.....\n\nprepared by the second edition\nWaiting for release.... done.')
    await world.answers('shop', 'Hei from the second edition\n')
  })

  it('shows what runs in each image, heroku.yml’s line or the image’s own', async () => {
    await world.ok('ps:scale worker=1 clock=1', folder)
    const shown = await world.ok('ps', folder)
    expect(shown).toContain('=== web (Basic): perl server.pl (1)')
    expect(shown).toContain('=== worker (Basic): ./worker.sh work (1)')
    await eventually(async () => {
      const logs = await world.ok('logs -n 1000', folder)
      for (const line of ['app[worker.1]: entered', 'app[worker.1]: work begins', 'app[clock.1]: entered', 'app[clock.1]: tick begins'])
        expect(logs).toContain(line)
    })
  })

  it('gives every process a graceful end', async () => {
    await world.ok('ps:scale clock=0', folder)
    await eventually(async () => expect(await world.ok('logs -n 1000', folder)).toContain('app[clock.1]: tick ends'))
  })

  it('runs one-off dynos in web’s image or another’s, and commands inside dynos', async () => {
    expect((await world.hokku(['run', 'id -un; pwd; echo $GREETING'], folder)).stdout).toBe('www-data\n/app\nHei\n')
    expect((await world.hokku(['run', '--type', 'worker', 'pwd'], folder)).stdout).toBe('entered\n/jobs\n')
    expect((await world.hokku(['ps:exec', '--dyno', 'worker.1', 'pwd; echo $DYNO'], folder)).stdout).toBe('/jobs\nworker.1\n')
  })

  it('has no config var in any layer or history of its images', async () => {
    const images = (await world.imagesOf('shop')).filter(({tags}) => tags.length > 0)
    expect(images.map(({tags}) => tags[0]?.split(':')[1]).sort()).toEqual(['type-release', 'type-web', 'type-worker'])
    const secrets = {planted: 'secret-of-the-shop', addon: (await world.ok('config:get JOBS_URL', folder)).replace(/^.*:(.*)@.*$/s, '$1')}
    const proxy = process.env['http_proxy'] ?? process.env['HTTP_PROXY'] ?? 'no proxy here'
    expect(secrets.addon.length).toBeGreaterThan(10)
    for (const {id} of images)
      for (const place of ['get', 'history', 'json'])
        expect(await secretsIn(await dockerApi(`/images/${id}/${place}`), {...secrets, proxy}), place).toEqual([])
  })

  it('keeps running what it was when a build fails', async () => {
    const before = await world.json<{version: number}[]>('releases', folder)
    const images = async () => (await world.imagesOf('shop')).map(({id}) => id).sort()
    const kept = await images()
    await world.write(folder, {'jobs/Dockerfile': 'FROM debian:13-slim\nRUN echo no way; exit 4\n'})
    await world.commit(folder, 'broken')
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode).toBe(1)
    expect(stderr.replace(/^remote: ?/gm, '')).toMatch(/=!= Build failed due to an error:\s+=!= build step: exit status 4/)
    expect(stderr).toContain('[remote rejected]')
    expect(await world.json<{version: number}[]>('releases', folder)).toEqual(before)
    expect(await images()).toEqual(kept)
    await world.answers('shop', 'Hei from the second edition\n')
    await world.write(folder, {'jobs/Dockerfile': await file('jobs/Dockerfile')})
  })

  it('keeps running what it was when the release command fails', async () => {
    await world.write(folder, {
      'heroku.yml': (await file('heroku.yml')).replace('- ./prepare.sh', '- ./prepare.sh\n    - echo stopping; exit 5'),
    })
    await world.write(folder, {'server.pl': (await file('server.pl')).replace(' from ', ' once more from ')})
    await world.commit(folder, 'release command fails')
    const {exitCode, stderr} = await world.push(folder)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Waiting for release.... failed.')
    expect((await world.get('shop')).body).toBe('Hei from the second edition\n')
  })

  it('follows a new push, and a rollback leads back to the images before', async () => {
    await world.write(folder, {'heroku.yml': (await file('heroku.yml')).replace('EDITION: second', 'EDITION: third')})
    await world.commit(folder, 'third')
    expect((await world.push(folder)).exitCode).toBe(0)
    await world.answers('shop', 'Hei once more from the third edition\n')
    await world.ok('rollback', folder)
    await world.answers('shop', 'Hei from the second edition\n')
  })

  it('can go back to buildpacks with its next build', async () => {
    expect(await world.ok('stack:set heroku-24', folder)).toContain('You will need to redeploy shop for the change to take effect.')
    await world.answers('shop', 'Hei from the second edition\n')
  })
})

/** The way without git: images are pushed one by one, and released when they are right. */
describe('container:push', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.project('pushed', {
      Dockerfile: 'FROM debian:13-slim\nARG COLOUR=none\nENV COLOUR=$COLOUR\nCOPY server.pl /\nCMD perl /server.pl\n',
      '.gitignore': 'page.txt\n',
      'server.pl': await readFile(join(example, 'server.pl'), 'utf8').then(text =>
        text.replace("'page.txt'", "'/dev/null'").replace('my $page = <$file>;', 'my $page = "$ENV{COLOUR}\\n";'),
      ),
    })
    await world.ok('create pushed --stack container', folder)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('builds an image that can be tried, and container:release makes it answer', async () => {
    expect(await world.ok('container:push web --arg COLOUR=blue', folder)).toContain('=== Pushing web (Dockerfile)\n')
    expect((await world.hokku(['container:run', 'web', 'printenv', 'COLOUR'], folder)).stdout).toBe('blue\n')
    await world.ok('container:release web', folder)
    await world.answers('pushed', 'Hello from blue\n')
    expect((await world.json<{description: string}[]>('releases', folder))[0]?.description).toMatch(/^Deployed web \([0-9a-f]{12}\)$/)
  })

  it('takes an image that exists, beside what runs', async () => {
    const [own] = (await world.imagesOf('pushed')).flatMap(({tags}) => tags)
    await world.ok(['container:push', 'again', '--image', own ?? ''], folder)
    await world.ok('container:release again', folder)
    expect((await world.hokku(['run', '--type', 'again', 'echo $COLOUR'], folder)).stdout).toBe('blue\n')
    const {exitCode, stdout} = await world.hokku('container:push web --image registry.invalid/no/such:1', folder)
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringContaining('=!= There is no image registry.invalid/no/such:1 in the engine, and it could not be pulled:'),
    ])
    await world.answers('pushed', 'Hello from blue\n')
  })

  it('loses a process type with container:rm', async () => {
    await world.ok('container:rm web', folder)
    await eventually(async () => expect((await world.get('pushed')).status).toBe(503))
  })
})
