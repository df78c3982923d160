import {createHash} from 'node:crypto'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {type Engine, EngineError} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {PlatformError} from '../../schema/errors.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import type {BaseImages} from './dockerfile.js'
import {quietBuild} from './quiet-build.js'
import {filesTar} from './tar-write.js'

const base = 'debian:13-slim'
const folder = 'heroku-24'
/** One base carries them all: the names exist so that apps and scripts made for Heroku work. */
const aliases = new Set(['heroku-22', 'heroku-24', 'heroku-26'])

export interface Stacks {
  /** Builds the stack's images unless they exist; tags carry a hash of what they are made from. Concurrent callers share a build. */
  ensure(stack: string, onLine: (line: string) => void): Promise<BaseImages>
}

export function createStacks({engine, directory, proxies}: {engine: Engine; directory: string; proxies: Record<string, string>}): Stacks {
  const building = new Map<string, Promise<BaseImages>>()
  return {
    async ensure(stack, onLine) {
      if (!aliases.has(stack)) throw new RejectedSource([`There is no stack ${stack} here. Try: ${[...aliases].join(', ')}`])
      if (stack !== folder) onLine(`       ${stack} shares the base of ${folder} here: Debian 13.`)
      const files = await stackFiles(directory)
      const tag = createHash('sha256')
        .update(JSON.stringify(files.map(({path, content}) => [path, content.toString('base64')])))
        .digest('hex')
        .slice(0, 12)
      const images = {run: `hokku/${folder}:${tag}`, build: `hokku/${folder}-build:${tag}`}
      const present = await Promise.all([engine.image(images.run), engine.image(images.build)])
      if (present.every(image => image !== undefined)) return images
      const shared = building.get(tag) ?? build({engine, images, files, proxies}, onLine)
      building.set(tag, shared)
      return shared.finally(() => building.delete(tag))
    },
  }
}

interface StackBuild {
  engine: Engine
  images: BaseImages
  files: StackFile[]
  proxies: Record<string, string>
}

async function build({engine, images, files, proxies}: StackBuild, onLine: (line: string) => void): Promise<BaseImages> {
  onLine('-----> Preparing the stack (once)')
  await ensureBase(engine, onLine)
  for (const target of ['run', 'build'] as const) {
    onLine(`       Building ${images[target]}`)
    const request = {context: Readable.from([filesTar(files)]), target, args: proxies, tags: [images[target]]}
    await quietBuild(engine, {...request, labels: {[label.kind]: 'stack'}}, onLine)
  }
  return images
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
