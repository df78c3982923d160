import {randomBytes, randomUUID} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {launchOf} from '../../src/lib/runtime/dynos/launch.js'
import {BuildFailure, type CompiledSlug, type CompileRequest} from '../../src/lib/runtime/slugs/compile.js'
import type {SlugRecord} from '../../src/lib/runtime/slugs/slug-record.js'
import {ask} from '../support/ask.js'
import {cnbApp, makeBuilder, cnbServer as server} from '../support/cnb-builder.js'
import {cnbLifecycle} from '../support/cnb-lifecycle.js'
import {dockerApi} from '../support/docker-api.js'
import {eventually} from '../support/eventually.js'
import {newFilesWith, secretsIn} from '../support/search.js'
import {root, slugWorkshop} from '../support/slug-workshop.js'

const {directory, run, engine, compile: compileFiles, started, dispose} = await slugWorkshop()
const mark = randomUUID().slice(0, 8)
const builder = `hokku-test-${mark}/builder:1`
const runImage = `hokku-test-${mark}/run:1`

const lifecycle = await cnbLifecycle(engine, root).catch((error: Error) => error)
if (lifecycle instanceof Error)
  console.error(`\n!!! NOT TESTED: Cloud Native Buildpacks. The lifecycle could not be compiled: ${lifecycle.message.slice(0, 300)}\n`)

afterAll(async () => {
  await engine.removeAll(run)
  for (const image of await engine.images(run)) await engine.removeImage(image.id)
  await dispose()
})

async function disposable<T extends {dispose(): Promise<void>}>(made: Promise<T>): Promise<T & AsyncDisposable> {
  const one = await made
  return {...one, [Symbol.asyncDispose]: () => one.dispose()}
}

/** The app's files, some of them changed or, undefined, left out. */
function files(over: Record<string, string | undefined> = {}) {
  return Object.entries({...cnbApp(builder), ...over}).flatMap(([path, text]) => (text === undefined ? [] : [{path, text}]))
}

const build = (given: Parameters<typeof files>[0], over: Partial<CompileRequest> = {}) =>
  compileFiles(files(given), {appName: `cnb-${mark}`, stack: 'cnb', ...over})

/** What a process type, or a command, prints in the image. */
async function output(slug: CompiledSlug | undefined, type: string, command: string): Promise<string> {
  let text = ''
  const launch = launchOf({...slug, stack: 'cnb'} as unknown as SlugRecord, {type, command})
  const {id} = await engine.start(
    {
      name: `hokku-test-${randomUUID()}`,
      entrypoint: [],
      ...launch,
      env: {COLOUR: 'red'},
      labels: run,
      networking: 'none',
      restart: 'never',
      keepOutput: 'copy',
    },
    chunk => {
      text += chunk?.data.toString() ?? ''
    },
  )
  await engine.wait(id)
  await eventually(() => Promise.resolve(expect(text).not.toBe('')), 5000)
  return text
}

async function answer(slug: CompiledSlug | undefined): Promise<Record<string, string>> {
  const url = await started({...slug, stack: 'cnb'} as unknown as CompiledSlug, {COLOUR: 'red'})
  const {body} = await eventually(() => ask(url), 30_000)
  const [version = '', ...vars] = body.split('\n')
  return {version, ...Object.fromEntries(vars.map(line => line.split('=') as [string, string]))}
}

describe.skipIf(lifecycle instanceof Error)('an app built with a builder of Cloud Native Buildpacks', () => {
  const appId = randomUUID()
  const planted = `planted-${randomBytes(16).toString('hex')}`
  const marker = join(directory, 'begun')
  const configVars = {PLANTED: planted, COLOUR: 'blue'}
  let first: Awaited<ReturnType<typeof build>>
  let second: Awaited<ReturnType<typeof build>>

  beforeAll(async () => {
    await makeBuilder(engine, {lifecycle: lifecycle as string, tag: builder, runImage, labels: run})
    writeFileSync(marker, '')
    first = await build({}, {appId, configVars})
    expect(first.slug, first.lines.join('\n')).toBeDefined()
    second = await build({'server.pl': server.replace('VERSION', 'version 2')}, {appId, configVars})
    expect(second.slug, second.lines.join('\n')).toBeDefined()
  }, 600_000)

  test('has the process types that its buildpacks declare, and says so', () => {
    expect(first.slug?.processTypes).toEqual({
      web: 'perl server.pl',
      worker: 'bash -c echo\\ \\$ROLE\\ \\$FROM_EXEC_D\\;\\ show-deps',
      release: 'bash -c echo\\ releasing\\ with\\ \\$COLOUR',
    })
    expect(first.slug?.buildpacks).toEqual(['test/deps', 'test/app'])
    expect(first.lines.join('\n')).toContain('Buildpacks declare types -> ')
    expect(first.lines).toContain('       [deps] build 1 as 1042:1043')
  })

  test('answers on $PORT with the variables of layers, exec.d, the run image and the app', async () => {
    const seen = await answer(first.slug)
    expect(seen).toMatchObject({version: 'version 1', FROM_EXEC_D: 'hammer', FROM_RUN_IMAGE: 'yes', COLOUR: 'red'})
    expect(seen['DEPS_STAMP']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('keeps its dependencies when only code has changed: the layer is the same one, and was not installed again', async () => {
    expect(first.lines).toContain('       [deps] installing dependencies')
    expect(second.lines).toContain('       [deps] using the dependencies again')
    expect(second.lines).toContain('       [app] leaving the tool as it was; its files are not here')
    expect(second.lines).toContain('       [deps] build 2 as 1042:1043')
    const [before, after] = [await answer(first.slug), await answer(second.slug)]
    expect(after).toEqual({...before, version: 'version 2'})
    const [one, two] = await Promise.all([first, second].map(async ({slug}) => (await engine.image(slug?.image ?? ''))?.layers ?? []))
    expect(two?.filter(layer => !one?.includes(layer))).toHaveLength(1)
  })

  test('runs other process types and one-off commands by the launcher', async () => {
    const slug = second.slug
    expect(await output(slug, 'worker', slug?.processTypes['worker'] ?? '')).toBe('worker hammer\ndeps one\n')
    expect(await output(slug, 'release', slug?.processTypes['release'] ?? '')).toBe('releasing with red\n')
    const command = 'id -u; pwd; ls; show; echo $FROM_EXEC_D'
    const seen = '1042\n/workspace\nbuilt-by-buildpack\ndeps.txt\nproject.toml\nserver.pl\ntool.txt\ndeps one\nhammer\n'
    expect(await output(slug, 'run', command)).toBe(seen)
    expect(await output(slug, 'run', `launcher ${command}`)).toBe(seen)
  })

  test('has no layers but those for launch in its image', async () => {
    const listed = await output(second.slug, 'run', 'cd /layers; find . -maxdepth 2 | sort; ls /cnb /cnb/process')
    expect(listed.split('\n')).toEqual([
      ...['.', './config', './config/metadata.toml', './sbom', './sbom/launch'],
      ...['./test_app', './test_app/tool', './test_deps', './test_deps/deps'],
      ...['/cnb:', 'lifecycle', 'process', '', '/cnb/process:', 'release', 'web', 'worker', ''],
    ])
    const image = await engine.image(second.slug?.image ?? '')
    expect(image?.labels['io.hokku.test.label']).toBe('a "label" of $5')
  })

  test('sees its config vars while it is built, of which nothing is in the output, the image or its history', async () => {
    expect(first.lines).toContain(`       [app] witness: ${planted.length}, blue`)
    expect(first.lines.join('\n')).not.toContain(planted)
    for (const place of [`/images/${first.slug?.image}/get`, `/images/${first.slug?.image}/history`, `/images/${first.slug?.image}/json`])
      expect(await secretsIn(await dockerApi(place), {planted}), place).toEqual([])
  })

  test('has its config vars in no file that the engine or the compiler has written: stages, the cache of layers, BuildKit’s records', async context => {
    const {directory: engineRoot} = await engine.diagnose()
    if (engineRoot === undefined || process.getuid?.() !== 0) return context.skip('the engine’s folder cannot be read from here')
    // With something to find, a search that finds nothing means something.
    const control = join(directory, 'control')
    writeFileSync(control, planted)
    expect(await newFilesWith(planted, [engineRoot, directory], marker)).toEqual([control])
  }, 300_000)

  test('that a buildpack fails to build keeps what the last good build has cached', async () => {
    const failed = await build({fail: 'yes', 'deps.txt': 'two'}, {appId})
    expect(failed.error).toBeInstanceOf(BuildFailure)
    expect(failed.lines).toContain('       [deps] installing dependencies')
    expect(failed.lines.slice(-3)).toEqual([
      ' !     A buildpack failed to build this app: see above.',
      ' !',
      ' !     Push rejected, failed to compile with Cloud Native Buildpacks.',
    ])
    const again = await build({'server.pl': server.replace('VERSION', 'version 3')}, {appId})
    expect(again.lines).toContain('       [deps] using the dependencies again')
  })

  test('is canceled in the middle, and builds again', async () => {
    const abort = new AbortController()
    const canceled = build(
      {endless: 'yes'},
      {
        appId,
        signal: abort.signal,
        onLine: line => line.includes('[app] waiting') && abort.abort(new BuildFailure('canceled')),
      },
    )
    expect((await canceled).error).toBeDefined()
    expect((await build({}, {appId})).slug).toBeDefined()
  })
})

describe.skipIf(lifecycle instanceof Error)('project.toml', () => {
  const mine = {
    'buildpacks/mine/buildpack.toml': 'api = "0.10"\n[buildpack]\nid = "my/own"\nversion = "0.1.0"\n[[targets]]\nos = "linux"\n',
    'buildpacks/mine/bin/detect': '#!/bin/sh\n',
    'buildpacks/mine/bin/build': `#!/bin/bash
echo "[mine] colour $(cat "$CNB_PLATFORM_DIR/env/COLOUR"), shape $(cat "$CNB_PLATFORM_DIR/env/SHAPE"), files" *
printf '[[processes]]\\ntype = "tell"\\ncommand = ["cat", "made-by-script"]\\n' > "$CNB_LAYERS_DIR/launch.toml"
`,
  }
  const group = `exclude = ["notes.txt", "buildpacks/"]
[[io.buildpacks.build.env]]
name = "COLOUR"
value = "grey"
[[io.buildpacks.build.env]]
name = "SHAPE"
value = "it's \\"round\\""
[[io.buildpacks.group]]
uri = "./buildpacks/mine"
[[io.buildpacks.group]]
id = "my/script"
[io.buildpacks.group.script]
api = "0.10"
shell = "/bin/bash"
inline = '''
echo "[script] runs"
echo $((6 * 7)) > made-by-script
'''
`

  test('chooses buildpacks of the source, scripts, variables and files', async () => {
    const given = {...cnbApp(builder), ...mine, 'notes.txt': 'private'}
    const sources = Object.entries(given).map(([path, text]) => ({
      path,
      text: path === 'project.toml' ? text + group : text,
      mode: path.includes('/bin/') ? 0o755 : 0o644,
    }))
    const configVars = {COLOUR: 'blue'}
    const {slug, lines} = await compileFiles(sources, {appName: `cnb-${mark}`, stack: 'cnb', configVars})
    expect(slug, lines.join('\n')).toBeDefined()
    expect(lines).toContain('       [mine] colour blue, shape it\'s "round", files deps.txt project.toml server.pl tool.txt')
    expect(lines).toContain('       [script] runs')
    expect(slug?.buildpacks).toEqual(['my/own', 'my/script'])
    expect(slug?.processTypes).toEqual({tell: 'cat made-by-script'})
    expect(await output(slug, 'tell', 'cat made-by-script')).toBe('42\n')
    expect((await engine.image(slug?.image ?? ''))?.config.entrypoint).toEqual(['/cnb/lifecycle/launcher'])
  })

  test('takes the builder’s buildpacks that are set on the app before all others', async () => {
    const {slug, lines} = await build({'project.toml': cnbApp(builder)['project.toml'] + group}, {buildpacks: ['test/deps@1.0.0']})
    expect(slug?.buildpacks, lines.join('\n')).toEqual(['test/deps'])
    expect(slug?.processTypes).toEqual({})
  })
})

describe.skipIf(lifecycle instanceof Error)('a build with Cloud Native Buildpacks that cannot be', () => {
  const eater = `[[io.buildpacks.group]]
id = "my/eater"
[io.buildpacks.group.script]
api = "0.10"
inline = "perl -e '$x = q(a) x (600 << 20); sleep 60'"
`

  test('is stopped when it takes more memory than a build may', async () => {
    await using small = await disposable(slugWorkshop({limits: {memory: 300 << 20}}))
    const text = cnbApp(builder)['project.toml'] + eater
    const {error, lines} = await small.compile([{path: 'project.toml', text}], {stack: 'cnb'})
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines).toContain(' !     A step used more than 300M of memory and was stopped.')
  })

  const rejected = ' !     Push rejected, failed to compile with Cloud Native Buildpacks.'
  const withBuilder = (name: string) => build({'project.toml': cnbApp(name)['project.toml']})

  test('says that no buildpack has detected the app', async () => {
    const {lines, error} = await build({'deps.txt': undefined})
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines.join('\n')).toContain('deps.txt is not there')
    expect(lines).toContain(' !     No buildpack of the builder has detected this app.')
    expect(lines.at(-1)).toBe(rejected)
  })

  test('says that the builder cannot be had', async () => {
    const {lines, error} = await withBuilder(`127.0.0.1:9/none-${mark}:1`)
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines.join('\n')).toContain(`The builder image 127.0.0.1:9/none-${mark}:1 is not in the engine, and it could not be pulled:`)
    expect(lines.at(-1)).toBe(rejected)
  })

  test('says that an image is no builder', async () => {
    const {lines, error} = await withBuilder('debian:13-slim')
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines).toContain(
      ' !     debian:13-slim is no builder of Cloud Native Buildpacks: it has no label io.buildpacks.builder.metadata.',
    )
  })

  test('says that the builder speaks another platform API', async () => {
    const old = `hokku-test-${mark}/old:1`
    await makeBuilder(engine, {lifecycle: lifecycle as string, tag: old, runImage, labels: run, platformApis: ['0.3', '0.4']})
    const {lines} = await withBuilder(old)
    expect(lines).toContain(` !     The builder ${old} has an unsupported platform API.`)
    expect(lines.join('\n')).toContain('speaks 0.3, 0.4; hokku speaks 0.7 to 0.15.')
  })
})
