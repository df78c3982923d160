import {createHash} from 'node:crypto'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pack} from 'tar-stream'
import {type Engine, EngineError, type ImageRef} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {PlatformError} from '../../schema/errors.js'
import type {RuntimeLog} from '../support/runtime-log.js'

const base = 'debian:13-slim'

/** Builds the router's image once per content of `stackDirectory`/router and returns its tag. */
export async function routerImage(engine: Engine, stackDirectory: string, log: RuntimeLog): Promise<ImageRef> {
  const files = await filesOf(join(stackDirectory, 'router'))
  const tag = `hokku/router:${hashOf(files)}`
  if ((await engine.image(tag)) !== undefined) return tag
  await ensureBase(engine, log)
  log.info('building the router image', {tag})
  await engine.build({
    context: tarOf(files),
    tags: [tag],
    labels: {[label.kind]: 'router'},
    onProgress(progress) {
      if (progress.type === 'output') log.debug('router image', {line: progress.line})
    },
  })
  return tag
}

type Files = [name: string, content: Buffer][]

async function filesOf(directory: string): Promise<Files> {
  const names = (await readdir(directory)).sort()
  return Promise.all(names.map(async name => [name, await readFile(join(directory, name))] as [string, Buffer]))
}

function hashOf(files: Files): string {
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content)
  return hash.digest('hex').slice(0, 12)
}

function tarOf(files: Files): ReturnType<typeof pack> {
  const tar = pack()
  for (const [name, content] of files) tar.entry({name}, content)
  tar.finalize()
  return tar
}

async function ensureBase(engine: Engine, log: RuntimeLog): Promise<void> {
  if ((await engine.image(base)) !== undefined) return
  log.info('pulling the base image', {image: base})
  try {
    await engine.pull(base, line => log.debug('pull', {line}))
  } catch (cause) {
    if (!(cause instanceof EngineError) || cause.code !== 'pull_failed') throw cause
    throw new PlatformError(
      'service_unavailable',
      `The router needs the image ${base}, and no image registry answers. In a checkout, \`node scripts/base-image.js\` makes it from Debian's packages.`,
      {cause},
    )
  }
}
