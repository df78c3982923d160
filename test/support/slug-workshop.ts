import {randomUUID} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {launchOf} from '../../src/lib/runtime/dynos/launch.js'
import type {CompiledSlug, CompileRequest} from '../../src/lib/runtime/slugs/compile.js'
import {type BuildLimits, herokuLimits} from '../../src/lib/runtime/slugs/limits.js'
import {createSlugCompiler} from '../../src/lib/runtime/slugs/slug-compiler.js'
import type {SlugRecord} from '../../src/lib/runtime/slugs/slug-record.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../src/lib/runtime/support/seal.js'
import {type SourceFile, tarOf} from '../unit/runtime/slugs/source-files.js'

export const root = join(import.meta.dirname, '../..')

interface Attempt {
  lines: string[]
  slug: CompiledSlug | undefined
  error: unknown
}

/** A slug compiler on Docker and what tests do with it; everything it made is removed by `dispose`. */
export async function slugWorkshop({limits = {}, env}: {limits?: Partial<BuildLimits>; env?: NodeJS.ProcessEnv} = {}) {
  const home = randomUUID()
  const run = {'hokku.test': randomUUID()}
  const engine = await connectDocker({home})
  const directory = mkdtempSync(join(tmpdir(), 'hokku-build-'))
  const compiler = createSlugCompiler({
    engine,
    clock: systemClock,
    log: silentLog,
    names: engineNames(home),
    seal: new Seal(Buffer.alloc(32, 7)),
    home: {root: directory},
    root,
    limits: {...herokuLimits, ...limits},
    ...(env !== undefined && {env}),
  })

  async function compile(files: SourceFile[], over: Partial<CompileRequest> = {}): Promise<Attempt> {
    const sourceTar = join(directory, `${randomUUID()}.tar`)
    writeFileSync(sourceTar, tarOf(files))
    const lines: string[] = []
    const request = {
      appId: randomUUID(),
      appName: 'example',
      sourceTar,
      layout: 'tree' as const,
      stack: 'heroku-24',
      buildpacks: [],
      detectedBuildpack: undefined,
      configVars: {},
      sourceVersion: '2c3a0b2',
      onLine: (line: string) => void lines.push(line),
      signal: new AbortController().signal,
      ...over,
    }
    return compiler.compile(request).then(
      slug => ({lines, slug, error: undefined}),
      (error: unknown) => ({lines, slug: undefined, error}),
    )
  }

  async function started(slug: CompiledSlug, env: Record<string, string> = {}): Promise<string> {
    const {id, address} = await engine.start({
      name: `hokku-test-${randomUUID()}`,
      entrypoint: [],
      ...launchOf(slug as unknown as SlugRecord, {type: 'web', command: slug.processTypes['web'] ?? ''}),
      env: {PORT: '5000', ...env},
      // A Basic dyno's: buildpacks' profile scripts go by them.
      limits: {memoryBytes: 512 << 20, cpuShares: 1, pids: 256},
      labels: run,
      networking: [{network: 'bridge'}],
      publish: [{containerPort: 5000}],
      restart: 'never',
      keepOutput: 'copy',
    })
    const [seen] = (await engine.observe(run)).filter(container => container.id === id)
    return seen?.ports[5000] === undefined ? `http://${address}:5000` : `http://127.0.0.1:${seen.ports[5000]}`
  }

  async function inside(image: string, command: string): Promise<string> {
    let output = ''
    const {id} = await engine.start(
      {
        name: `hokku-test-${randomUUID()}`,
        image,
        entrypoint: ['/usr/local/bin/dyno-launch'],
        command: [command],
        env: {},
        labels: run,
        networking: 'none',
        restart: 'never',
        keepOutput: 'copy',
      },
      chunk => {
        output += chunk?.data.toString() ?? ''
      },
    )
    await engine.wait(id)
    return output
  }

  async function dispose(): Promise<void> {
    await engine.removeAll(run)
    for (const image of await engine.images({[label.home]: home, [label.kind]: 'slug'})) await engine.removeImage(image.id)
    rmSync(directory, {recursive: true, force: true})
    await engine.close()
  }
  return {home, run, engine, directory, compile, started, inside, dispose}
}
