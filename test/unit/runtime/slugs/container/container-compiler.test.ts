import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {EngineError} from '../../../../../src/lib/engine/engine.js'
import {type MemoryOptions, memoryEngine} from '../../../../../src/lib/engine/memory/memory-engine.js'
import type {CompiledSlug, CompileRequest} from '../../../../../src/lib/runtime/slugs/compile.js'
import {createContainerCompiler} from '../../../../../src/lib/runtime/slugs/container/container-compiler.js'
import {createLauncher} from '../../../../../src/lib/runtime/slugs/container/launcher.js'
import type {ContainerPush} from '../../../../../src/lib/runtime/slugs/container/plan.js'
import {herokuLimits} from '../../../../../src/lib/runtime/slugs/limits.js'
import {systemClock} from '../../../../../src/lib/runtime/support/clock.js'
import {engineNames} from '../../../../../src/lib/runtime/support/names.js'
import {type SourceFile, sourceOf} from '../source-files.js'

type Build = NonNullable<MemoryOptions['build']>

/** Compiles with an engine whose images have a CMD and, if their Dockerfile's stage is `served`, an ENTRYPOINT. */
async function compiled(files: SourceFile[], build: Build = () => undefined, push?: ContainerPush) {
  let prepared = false
  const engine = memoryEngine({
    async build(record, report) {
      if (!prepared) return
      const entrypoint = record.context.includes('FROM served AS hokku-launchable') ? ['/entry'] : []
      report.image.config = {...report.image.config, command: ['serve', '--all'], entrypoint}
      await build(record, report)
    },
  })
  const trust = {ca: Buffer.from('PEM'), proxies: {HTTP_PROXY: 'http://proxy'}}
  const launcher = createLauncher({engine, directory: join(import.meta.dirname, '../../../../../stacks'), proxies: trust.proxies})
  const names = engineNames('12345678-home')
  const compiler = createContainerCompiler({engine, clock: systemClock, names, trust, launcher, limits: {...herokuLimits, output: 1000}})
  await launcher.ensure(() => undefined)
  prepared = true
  await using at = await sourceOf(files)
  const lines: string[] = []
  const request = {
    ...{appId: 'a1', appName: 'demo', sourceTar: at.path, layout: 'tree', stack: 'container', buildpacks: [], detectedBuildpack: undefined},
    ...{configVars: {SECRET: 'hunter2'}, sourceVersion: undefined, signal: new AbortController().signal},
    push,
    onLine: (line: string) => void lines.push(line),
  } satisfies CompileRequest
  const result: {slug?: CompiledSlug; error?: unknown} = await compiler.compile(request).then(
    slug => ({slug}),
    (error: unknown) => ({error}),
  )
  return {...result, lines, engine, builds: engine.builds.slice(1), said: lines.filter(line => !line.startsWith('#') && line !== '')}
}

const two = `build:
  docker:
    web: {dockerfile: Dockerfile, target: served}
    worker: jobs/Dockerfile
  config: {RAILS_ENV: production}
run:
  worker: work --now
  clock: {command: tick, image: web}
`
const files = [
  {path: 'heroku.yml', text: two},
  {path: 'Dockerfile', text: 'FROM debian:13-slim AS served\n'},
  {path: 'jobs/Dockerfile', text: 'FROM debian:13-slim\nRUN --mount=type=secret,id=ca true\n'},
]

describe('the container compiler', () => {
  test('builds an image for each process type and says how each is run', async () => {
    const {slug, engine, said} = await compiled(files)
    const [web, worker] = ['web', 'worker'].map(type => slug?.container?.[type]?.image ?? '')
    expect(slug?.processTypes).toEqual({web: 'serve --all', worker: 'work --now', clock: 'tick'})
    expect(slug?.container).toEqual({
      web: {image: web, entrypoint: ['/entry'], command: ['serve', '--all']},
      worker: {image: worker, entrypoint: [], command: ['/bin/sh', '-c', 'work --now']},
      clock: {image: web, entrypoint: ['/entry'], command: ['/bin/sh', '-c', 'tick']},
    })
    expect(slug?.image).toBe(web)
    expect((await engine.images({'hokku.app': 'a1'})).flatMap(({tags}) => tags)).toEqual([
      'hokku-12345678/demo:type-web',
      'hokku-12345678/demo:type-worker',
    ])
    expect(said).toEqual([
      '=== Fetching app code',
      '=== Building web (Dockerfile)',
      '=== Building worker (jobs/Dockerfile)',
      '=== Pushing web (Dockerfile)',
      `Tagged image "${web?.slice(7, 19)}" as "hokku-12345678/demo:type-web"`,
      '=== Pushing worker (jobs/Dockerfile)',
      `Tagged image "${worker?.slice(7, 19)}" as "hokku-12345678/demo:type-worker"`,
    ])
  })

  test('gives a build heroku.yml’s args and the host’s proxies, the certificates where they are asked for, and no config var', async () => {
    const {builds} = await compiled(files)
    const [web, worker] = builds
    expect(web).toMatchObject({args: {HTTP_PROXY: 'http://proxy', RAILS_ENV: 'production'}, target: 'hokku-launchable'})
    expect(web?.secrets).toEqual({})
    expect(worker).toMatchObject({secrets: {ca: Buffer.from('PEM')}})
    for (const build of builds) expect(JSON.stringify(build) + build.context.toString()).not.toContain('hunter2')
  })

  test('keeps the caches of each app’s Dockerfiles apart', async () => {
    const {builds} = await compiled(files)
    for (const {args} of builds.slice(0, 2)) expect(args).toMatchObject({BUILDKIT_CACHE_MOUNT_NS: 'a1'})
  })

  test('that fails says so in Heroku’s words, and tags nothing', async () => {
    const {error, lines, engine} = await compiled(files, ({dockerfile, context}) => {
      if (context.includes('type=secret'))
        throw new EngineError('build_failed', `The build failed at [2/2] RUN x: exit code: 3 in ${dockerfile}`, {exitCode: 3})
    })
    expect(error).toMatchObject({name: 'BuildFailure'})
    expect(lines.slice(-4)).toEqual(['', '=!= Build failed due to an error:', '', '=!= build step: exit status 3'])
    expect(await engine.images({'hokku.app': 'a1'})).toEqual([])
  })

  test('tells what a Dockerfile has wrong without the engine’s wrapping', async () => {
    const said =
      'The build failed: failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: RNU'
    const {lines} = await compiled(files, () => {
      throw new EngineError('build_failed', said)
    })
    expect(lines.at(-1)).toBe('=!= build step: dockerfile parse error line 2: unknown instruction: RNU')
  })

  test('stops a build that prints too much', async () => {
    const {lines} = await compiled(files, async (_build, {progress}) => {
      for (let line = 0; line < 30; line += 1) progress({type: 'output', vertex: 'v', name: 'RUN yes', line: 'y'.repeat(50)})
      await new Promise(() => undefined)
    })
    expect(lines.at(-1)).toBe('=!= The build printed more than 1.0K and was stopped.')
  })

  test('says all that is wrong with heroku.yml', async () => {
    const {lines, error} = await compiled([{path: 'heroku.yml', text: 'build:\n  docker:\n    web: nope\nrun: [1]\n'}])
    expect(error).toMatchObject({name: 'BuildFailure'})
    expect(lines).toEqual([
      '=== Fetching app code',
      '=!= Your heroku.yml manifest is invalid. Please correct the following issues:',
      '\t\theroku.yml:4:6 run: should be a map of process types and commands',
    ])
  })

  test('refuses a process type with nothing to run', async () => {
    const {lines} = await compiled([{path: 'Dockerfile', text: 'FROM scratch\n'}], (_build, {image}) => {
      image.config = {...image.config, command: [], entrypoint: []}
    })
    expect(lines.at(-1)).toBe('=!= web has nothing to run: give it a command under run, or its Dockerfile a CMD.')
  })

  const asking = [{path: 'Dockerfile', text: '# syntax=docker/dockerfile:1\nFROM debian:13-slim\n'}]
  const unreachable = 'The build failed at resolve image config for docker.io/docker/dockerfile:1: no such host'

  test('builds without the frontend that a Dockerfile asks for only where no registry has it', async () => {
    const reached = await compiled(asking)
    expect(reached.builds[0]?.context.toString()).toContain('# syntax=')
    expect(reached.lines.join('\n')).not.toContain('syntax line')
    const {slug, lines, builds} = await compiled(asking, ({context}) => {
      if (context.includes('# syntax=')) throw new EngineError('build_failed', unreachable)
    })
    expect(slug?.processTypes).toEqual({web: 'serve --all'})
    expect(lines).toContain(" !     docker/dockerfile:1 cannot be had from a registry: building without the Dockerfile's syntax line.")
    expect(builds[1]?.context.toString()).toContain('#\nFROM debian:13-slim AS hokku-image\n')
  })

  test('puts the launcher upon the image in a build of its own where the Dockerfile cannot be extended safely', async () => {
    const plain = await compiled([{path: 'Dockerfile', text: 'FROM debian:13-slim\n'}])
    expect(plain.builds.map(({target}) => target)).toEqual(['hokku-launchable'])
    const {builds, slug} = await compiled([{path: 'Dockerfile', text: 'FROM debian:13-slim\nRUN <<EOF\nFROM x\nEOF\n'}])
    expect(builds.map(({target}) => target)).toEqual([undefined, undefined])
    expect(builds[1]?.context.toString()).toContain('FROM hokku-12345678/demo:built-web\nCOPY --from=hokku/container:')
    expect(slug?.processTypes).toEqual({web: 'serve --all'})
  })

  test('tries nothing else when a base image is what cannot be had', async () => {
    const {error, builds} = await compiled(asking, () => {
      throw new EngineError('build_failed', 'The build failed at [internal] load metadata for docker.io/library/nope:1: no such host')
    })
    expect([error instanceof Error, builds.length]).toEqual([true, 1])
  })

  test('makes the images that a push asks for, whatever heroku.yml says', async () => {
    const {slug, engine, builds, said} = await compiled(files, undefined, {
      images: [
        {type: 'clock', dockerfile: 'jobs/Dockerfile', context: '', target: undefined},
        {type: 'web', image: 'debian:13-slim'},
      ],
      args: {ENV: 'live'},
    })
    expect(slug?.processTypes).toEqual({clock: 'serve --all', web: 'bash'})
    expect(said.filter(line => line.startsWith('=== ')).slice(0, 3)).toEqual([
      '=== Building clock (jobs/Dockerfile)',
      '=== Taking web (debian:13-slim)',
      '=== Pushing clock (jobs/Dockerfile)',
    ])
    expect(builds[0]).toMatchObject({dockerfile: 'jobs/Dockerfile', args: {ENV: 'live'}})
    expect(engine.builds.at(-1)?.context.toString()).toContain('FROM debian:13-slim\nCOPY --from=hokku/container:')
    expect(await engine.image('debian:13-slim')).toBeDefined()
  })

  test('says which image is nowhere to be had, and which Dockerfile', async () => {
    const nowhere = await compiled([], undefined, {images: [{type: 'web', image: 'no/such:1'}], args: {}})
    expect(nowhere.lines.slice(1)).toEqual([
      '=!= There is no image no/such:1 in the engine, and it could not be pulled:',
      'No registry has no/such:1.',
    ])
    const {lines} = await compiled(files, undefined, {
      images: [{type: 'web', dockerfile: 'x/Dockerfile', context: 'x', target: undefined}],
      args: {},
    })
    expect(lines).toEqual(['=!= There is no x/Dockerfile in the source.'])
  })
})
