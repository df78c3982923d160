import {createHash} from 'node:crypto'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {type Engine, EngineError, type Image} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {PlatformError} from '../../schema/errors.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import type {Clock} from '../support/clock.js'
import {type Preparation, SharedWork} from '../support/shared-work.js'
import type {BaseImages} from './dockerfile.js'
import {preparedImage} from './prepared-image.js'
import {filesTar} from './tar-write.js'

const base = 'debian:13-slim'
const folder = 'heroku-24'
/** One base carries them all: the names exist so that apps and scripts made for Heroku work. */
const aliases = new Set(['heroku-22', 'heroku-24', 'heroku-26'])

export interface Stacks {
  /**
   * The stack's images, built unless they exist: tags carry a hash of what they are made from, and the time of the update that made
   * them. Concurrent callers share a build, and one that leaves stops nothing.
   */
  ensure(stack: string, wait: Waiting): Promise<BaseImages>
  /** Builds them anew, upon the newest base and with the packages that Debian has now; the builds that follow use them. */
  update(wait: Waiting): Promise<BaseImages>
  preparing(): Preparation[]
}

interface Waiting {
  onLine: (line: string) => void
  signal?: AbortSignal
}

interface StacksDeps {
  engine: Engine
  clock: Clock
  directory: string
  proxies: Record<string, string>
}

export function createStacks(deps: StacksDeps): Stacks {
  const {engine, clock, directory} = deps
  const work = new SharedWork<BaseImages>(clock)
  return {
    async ensure(stack, wait) {
      if (!aliases.has(stack)) throw new RejectedSource([`There is no stack ${stack} here. Try: ${[...aliases].join(', ')}`])
      if (stack !== folder) wait.onLine(`       ${stack} shares the base of ${folder} here: Debian 13.`)
      const files = await stackFiles(directory)
      const hash = hashOf(files)
      const newest = newestOf(await engine.images({[label.kind]: 'stack'}), hash)
      if (newest !== undefined) return newest
      return await work.join(
        hash,
        `the stack ${folder}`,
        onLine => build({...deps, files}, {images: named(hash), stamp: undefined}, onLine),
        wait,
      )
    },
    async update(wait) {
      const files = await stackFiles(directory)
      const stamp = clock.now().toISOString().replace(/\D/g, '').slice(0, 14)
      const images = named(`${hashOf(files)}.${stamp}`)
      return await work.join('update', `the stack ${folder}`, onLine => build({...deps, files}, {images, stamp}, onLine), wait)
    },
    preparing: () => work.now(),
  }
}

function hashOf(files: StackFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map(({path, content}) => [path, content.toString('base64')])))
    .digest('hex')
    .slice(0, 12)
}

function named(tag: string): BaseImages {
  return {run: `hokku/${folder}:${tag}`, build: `hokku/${folder}-build:${tag}`}
}

/** Of the images made from these files the last update's, of which both are there. */
function newestOf(images: Image[], hash: string): BaseImages | undefined {
  const tags = new Set(images.flatMap(image => image.tags))
  const prefix = `hokku/${folder}:${hash}`
  const whole = [...tags]
    .filter(tag => tag === prefix || tag.startsWith(`${prefix}.`))
    .map(tag => named(tag.slice(tag.lastIndexOf(':') + 1)))
  return whole
    .filter(pair => tags.has(pair.build))
    .sort((a, b) => (a.run < b.run ? -1 : 1))
    .at(-1)
}

async function build(
  {engine, files, proxies}: StacksDeps & {files: StackFile[]},
  {images, stamp}: {images: BaseImages; stamp: string | undefined},
  onLine: (line: string) => void,
): Promise<BaseImages> {
  onLine('-----> Preparing the stack (once)')
  if (stamp !== undefined) await engine.pull(base, () => undefined).catch(() => onLine(`       No registry has a newer ${base}`))
  await ensureBase(engine, onLine)
  const context = stamp === undefined ? files : files.map(file => stamped(file, stamp))
  for (const target of ['run', 'build'] as const) {
    onLine(`       Building ${images[target]}`)
    const request = {context: Readable.from([filesTar(context)]), target, args: proxies, tags: [images[target]]}
    await preparedImage(engine, {...request, labels: {[label.kind]: 'stack'}}, {what: `The stack ${folder}`, onLine, show: 'steps'})
  }
  return images
}

/**
 * A Dockerfile whose steps BuildKit has never seen. To ignore its cache would not do: what `build` has in common with `run` would then be
 * built twice, or come from the time before.
 */
function stamped(file: StackFile, stamp: string): StackFile {
  if (file.path !== 'Dockerfile') return file
  return {...file, content: Buffer.from(file.content.toString().replace(/^FROM .*$/gm, `$&\nARG UPDATED=${stamp}`))}
}

/** The image that everything starts from: pulled, unless it is there. */
export async function ensureBase(engine: Engine, onLine: (line: string) => void): Promise<void> {
  if ((await engine.image(base)) !== undefined) return
  onLine(`       Pulling ${base}`)
  try {
    await engine.pull(base, () => undefined)
  } catch (cause) {
    if (!(cause instanceof EngineError) || cause.code !== 'pull_failed') throw cause
    throw new PlatformError(
      'service_unavailable',
      `The image ${base}, from which everything is built, is missing and no registry provides it. Make it from Debian's packages with \`node scripts/base-image.js\`.`,
      {cause},
    )
  }
}

interface StackFile {
  path: string
  content: Buffer
  mode?: number
}

/** The Dockerfile and the launcher, wherever the package was installed. */
async function stackFiles(directory: string): Promise<StackFile[]> {
  const launch = (await readdir(join(directory, 'launch'))).filter(name => name !== 'README.md').sort()
  const paths = [
    {path: 'Dockerfile', from: join(directory, folder, 'Dockerfile')},
    ...launch.map(name => ({path: `launch/${name}`, from: join(directory, 'launch', name)})),
  ]
  return Promise.all(
    paths.map(async ({path, from}) => ({path, content: await readFile(from), ...(path.startsWith('launch/') && {mode: 0o755})})),
  )
}
