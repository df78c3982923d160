import type {Engine} from '../../engine/engine.js'
import {BuildFailure} from './compile.js'
import type {BuildLimits} from './limits.js'
import {humanSize} from './messages.js'

/** What a slug of ours is made of: the app, and the language's binaries that `/app/.heroku` leads to. */
const slugFolders = ['/app', '/usr/local/heroku']

/**
 * Bytes that the slug adds to the stack's image, printed. Throws BuildFailure when it is too large. Heroku's limit is of a compressed
 * slug, and nothing is compressed here: only what is larger than the limit as it is takes the time to be measured so.
 */
export async function slugSize(
  {engine, limits}: {engine: Engine; limits: BuildLimits},
  images: {image: string; stack: string; folders?: string[]},
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const [slug, stack] = await Promise.all([engine.image(images.image), engine.image(images.stack)])
  const size = Math.max(0, (slug?.sizeBytes ?? 0) - (stack?.sizeBytes ?? 0))
  onLine('-----> Compressing...')
  const compressed = size > limits.slug ? await gzipped(engine, images, signal) : undefined
  onLine(`       Done: ${humanSize(compressed ?? size)}`)
  if (compressed === undefined || compressed <= limits.slugWarning) return size
  if (compressed <= limits.slug) {
    onLine(
      ` !     Warning: Your slug size (${megabytes(compressed)}) exceeds our soft limit (${megabytes(limits.slugWarning)}) which may affect boot time.`,
    )
    return size
  }
  const said = `Compiled slug size: ${humanSize(compressed)} is too large (max is ${humanSize(limits.slug)}).`
  onLine(` !     ${said}`)
  onLine(' !     See: http://devcenter.heroku.com/articles/slug-size')
  throw new BuildFailure(said)
}

async function gzipped(
  engine: Engine,
  {image, folders = slugFolders}: {image: string; folders?: string[]},
  signal: AbortSignal,
): Promise<number> {
  const sizes = await Promise.all(folders.map(folder => engine.gzippedSize(image, folder, signal)))
  return sizes.reduce((total, size) => total + size, 0)
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / (1 << 20))} MB`
}
