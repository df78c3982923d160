import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import type {Engine} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import {preparedImage} from '../prepared-image.js'
import {ensureBase} from '../stacks.js'
import {filesTar} from '../tar-write.js'

export interface Launcher {
  /** Tag of the image that holds the launcher and nothing else; built once for each content of stacks/container. Concurrent callers share a build. */
  ensure(onLine: (line: string) => void): Promise<string>
}

interface LauncherDeps {
  engine: Engine
  /** `stacks/` of the package. */
  directory: string
  proxies: Record<string, string>
}

export function createLauncher({engine, directory, proxies}: LauncherDeps): Launcher {
  const building = new Map<string, Promise<void>>()
  const build = async (tag: string, files: {path: string; content: Buffer}[], onLine: (line: string) => void): Promise<void> => {
    onLine('=== Preparing the launcher (once)')
    await ensureBase(engine, onLine)
    // A stack's image has a compiler: nothing is downloaded then.
    const images = await engine.images({[label.kind]: 'stack'})
    const compiler = images.flatMap(({tags}) => tags).find(name => /^hokku\/heroku-\d+-build:/.test(name))
    const args = {...proxies, ...(compiler !== undefined && {COMPILER: compiler})}
    const request = {context: Readable.from([filesTar(files)]), args, tags: [tag], labels: {[label.kind]: 'stack'}}
    await preparedImage(engine, request, {what: 'The launcher of containers', onLine})
  }
  return {
    async ensure(onLine) {
      const paths = ['Dockerfile', 'dyno-init.c']
      const files = await Promise.all(paths.map(async path => ({path, content: await readFile(join(directory, 'container', path))})))
      const hash = createHash('sha256')
      for (const {content} of files) hash.update(content)
      const tag = `hokku/container:${hash.digest('hex').slice(0, 12)}`
      if ((await engine.image(tag)) !== undefined) return tag
      const shared = building.get(tag) ?? build(tag, files, onLine)
      building.set(tag, shared)
      await shared.finally(() => building.delete(tag))
      return tag
    },
  }
}
