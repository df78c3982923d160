import {randomUUID} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {label} from '../../src/lib/engine/labels.js'
import {BuildFailure, type CompiledSlug} from '../../src/lib/runtime/slugs/compile.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import {eventually} from '../support/eventually.js'
import {type ExpectedGet, expectAnswer} from '../support/expected.js'
import {root, slugWorkshop} from '../support/slug-workshop.js'
import {filesIn} from '../unit/runtime/slugs/source-files.js'

const {home, run, engine, compile, started, inside, dispose} = await slugWorkshop()
afterAll(dispose)

const folders = readdirSync(join(root, 'examples'), {withFileTypes: true}).filter(entry => entry.isDirectory())

// Side by side: most of a build waits for a registry, a disk or a start.
test.concurrent.each(folders.map(({name}) => name))(
  'examples/%s is built and answers as expect.json says',
  async name => {
    const folder = join(root, 'examples', name)
    const expected = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8'))
    const {stack = 'heroku-24'} = expected
    // Before the test's own limit: what it printed until then says where it was, and nothing goes on beside the next try.
    const signal = AbortSignal.timeout(540_000)
    const {lines, slug, error} = await compile(await filesIn(folder), {appName: name, stack, signal})
    expect(error, lines.join('\n')).toBeUndefined()
    expect(slug?.buildpacks).toEqual(stack === 'container' ? [] : (expected.buildpacks ?? [expected.buildpack]))
    expect(slug?.processTypes).toEqual(expected.processTypes)
    const url = await started(slug as CompiledSlug, expected.env)
    for (const get of [expected.get].flat() as ExpectedGet[]) await eventually(() => expectAnswer(url, get), 60_000)
  },
  600_000,
)

const manifest = (more: object) => ({path: 'package.json', text: JSON.stringify({engines: {node: '24.x'}, ...more})})

const answering = `require('http').createServer((request, response) => response.end('the add-on answers\\n')).listen(6379)`

describe('a build', () => {
  test('uses the dependencies again when only code changed', async () => {
    const app = {appId: randomUUID()}
    // Of this app alone: an image that another one has too has more tags.
    const server = (version: string) => ({path: 'server.js', text: `${app.appId} ${version}`})
    const first = await compile([manifest({}), server('one')], app)
    const second = await compile([manifest({}), server('two')], app)
    expect(first.slug?.image).not.toBe(second.slug?.image)
    expect(second.lines).toContain('       Nothing changed since the last build; its result is used again')
    // A rollback's image is no dangling one, which `docker image prune` would take.
    expect((await engine.image(first.slug?.image ?? ''))?.tags).toHaveLength(1)
    expect((await engine.image(second.slug?.image ?? ''))?.tags).toHaveLength(2)
  })

  test('runs again for a changed config var, and leaves none in the image', async () => {
    const files = [manifest({scripts: {build: 'echo "length $API_KEY" | wc -c > out.txt'}})]
    const {slug, lines} = await compile(files, {configVars: {API_KEY: "top'secret"}})
    expect(lines.join('\n')).not.toContain('secret')
    expect(await inside(slug?.image ?? '', 'cat out.txt; env | grep -c API_KEY; ls /run/hokku 2>/dev/null')).toBe('18\n0\n')
    const again = await compile(files, {configVars: {API_KEY: 'x'}})
    expect(await inside(again.slug?.image ?? '', 'cat out.txt')).toBe('9\n')
  })

  test('leaves no trace of the host’s certificates and proxies', async () => {
    const {slug} = await compile([manifest({})])
    expect(await inside(slug?.image ?? '', 'env | grep -iE "proxy|_CA_|CERT" ; ls /run/hokku 2>/dev/null; echo none')).toBe('none\n')
  })

  test('compiles native modules in the layer that the slug has of them, and leaves nothing else there', async () => {
    const configVars = {npm_config_build_from_source: 'true'}
    const {slug, lines} = await compile([manifest({dependencies: {bufferutil: '4.0.9'}})], {configVars})
    const seen = [
      'ls -A /app node_modules/bufferutil/build/Release/bufferutil.node',
      'stat -c %U node_modules/bufferutil/package.json',
      'find /tmp /run/hokku ! -type d',
      'which gcc npx; printenv npm_config_cache || echo nothing of the step',
    ]
    expect(await inside(slug?.image ?? '', seen.join('; ')), lines.join('\n')).toBe(
      [
        'node_modules/bufferutil/build/Release/bufferutil.node\n',
        '/app:\n.heroku\n.profile.d\nnode_modules\npackage.json',
        'dyno',
        '/app/.heroku/node/bin/npx',
        'nothing of the step\n',
      ].join('\n'),
    )
  })

  test('runs as the dyno’s user, who owns the app, with the buildpack’s variables', async () => {
    const {slug} = await compile([manifest({})])
    const command =
      'id -un; touch /app/x && stat -c %U /app /app/package.json; echo $NODE_ENV; which node; printenv HOSTNAME || echo no name'
    expect(await inside(slug?.image ?? '', command)).toBe('dyno\ndyno\ndyno\nproduction\n/app/.heroku/node/bin/node\nno name\n')
  })

  test('reaches the app’s add-ons by their names, and no other app’s', async () => {
    const appId = randomUUID()
    const names = engineNames(home)
    await engine.ensureNetwork(names.network(appId), run)
    const {slug} = await compile([manifest({}), {path: 'server.js', text: answering}])
    const {id} = await engine.start({
      name: names.addonContainer('redis-round-1'),
      image: slug?.image ?? '',
      entrypoint: ['/usr/local/bin/dyno-launch'],
      command: ['node server.js'],
      env: {},
      labels: {...run, [label.kind]: 'addon'},
      networking: [{network: names.network(appId), aliases: ['redis-round-1']}],
      restart: 'never',
      keepOutput: 'copy',
    })
    // A path of this run alone: what BuildKit has cached of another says nothing.
    const address = `http://redis-round-1:6379/${appId}`
    const files = [manifest({scripts: {'heroku-postbuild': `curl -sS --retry 9 --retry-delay 1 --retry-all-errors ${address}`}})]
    expect((await compile(files, {appId})).lines).toContain('       the add-on answers')
    expect((await compile(files)).lines.join()).toContain('Could not resolve host: redis-round-1')
    await engine.remove(id)
  }, 300_000)

  test('that fails ends with Heroku’s words, after the step’s own', async () => {
    const {lines, error} = await compile([manifest({scripts: {build: 'echo this went wrong; exit 3'}})])
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines).toContain('       this went wrong')
    expect(lines).toContain('-----> Build failed')
    expect(lines.at(-1)).toBe(' !     Push rejected, failed to compile Node.js app.')
  })

  test('of source nobody knows says so', async () => {
    const {lines, error} = await compile([{path: 'README', text: 'hi'}])
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines).toContain(' !     No default language could be detected for this app.')
  })

  test('stops when it is canceled', async () => {
    const stop = new AbortController()
    const {error} = await compile([manifest({scripts: {build: 'echo begun; sleep 300'}})], {
      signal: stop.signal,
      onLine: line => {
        if (line.includes('begun')) stop.abort()
      },
    })
    expect(error).toMatchObject({code: 'canceled'})
  })
})
