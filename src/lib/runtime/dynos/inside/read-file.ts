import {posix} from 'node:path'
import {PassThrough, type Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {extract} from 'tar-stream'
import {PlatformError} from '../../../schema/errors.js'
import type {DynoContext} from '../context.js'
import {deferred} from '../deferred.js'
import {runningDyno} from './running-dyno.js'

export interface DynoFile {
  bytes: number
  content: Readable
}

/** Links that are followed; a circle has no end. */
const mostLinks = 20

/**
 * A file of a running dyno, by the engine alone: nothing runs in the dyno. A relative path begins at its home. Throws not_found, and
 * invalid_params for anything that is no regular file.
 */
export async function readFile(context: DynoContext, appId: string, name: string, path: string): Promise<DynoFile> {
  const {engineId} = runningDyno(context, appId, name)
  let at = posix.resolve('/app', path)
  for (let links = 0; links < mostLinks; links += 1) {
    const found = await open(context, engineId, at)
    if (!('target' in found)) return found
    at = posix.resolve(posix.dirname(at), found.target)
  }
  throw new PlatformError('invalid_params', `${path} of ${name}: too many links.`)
}

type Opened = DynoFile | {target: string}

/** Resolves as soon as it is known what is there; the content follows. */
function open(context: DynoContext, engineId: string, path: string): Promise<Opened> {
  const opened = deferred<Opened>()
  const missing = (): Promise<never> => Promise.reject(new PlatformError('not_found', `There is no file ${path} in that dyno.`))
  const reading = context.engine
    .containerTree(engineId, path, tar => takeFirst(tar, path, opened.resolve))
    .then(taken => taken ?? missing())
  return new Promise((resolve, reject) => {
    opened.promise.then(resolve)
    reading.catch(reject)
  })
}

async function takeFirst(tar: Readable, path: string, opened: (found: Opened) => void): Promise<true> {
  const unpack = extract()
  tar.on('error', error => unpack.destroy(error)).pipe(unpack)
  for await (const entry of unpack) {
    const {type, linkname, size = 0} = entry.header
    if (type === 'symlink') opened({target: linkname ?? ''})
    else if (type !== 'file') throw new PlatformError('invalid_params', `${path} is a ${type ?? 'thing'}, not a file.`)
    else {
      const content = new PassThrough()
      opened({bytes: size, content})
      // Whoever asked may have left: that is no error of the dyno's.
      await pipeline(entry as unknown as Readable, content).catch(() => undefined)
    }
    return true
  }
  throw new PlatformError('not_found', `There is no file ${path} in that dyno.`)
}
