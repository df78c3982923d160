import {existsSync} from 'node:fs'
import {mkdir, rename, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {Readable} from 'node:stream'
import {PlatformError} from '../schema/errors.js'
import {resolveHome} from '../schema/home.js'
import type {PlatformBackup} from '../schema/platform-backup.js'
import {findRuntime, stopRuntime} from './connect.js'
import {unpackBackup} from './unpack-backup.js'

/**
 * Makes a home of a backup's tar; the runtime that is started in it next gives the engine what it needs. The home may have been begun, but may
 * have no app: throws conflict. It is there whole, or as it was.
 */
export async function restoreHome(env: NodeJS.ProcessEnv, tar: () => Promise<Readable>): Promise<PlatformBackup> {
  const home = resolveHome(env)
  await makeSureOfNoApps(env, home.root)
  const fresh = `${home.root}.restoring-${process.pid}`
  const old = `${home.root}.before-${process.pid}`
  try {
    await mkdir(dirname(home.root), {recursive: true})
    await mkdir(fresh, {mode: 0o700})
    const manifest = await unpackBackup(await tar(), fresh)
    const runtime = await findRuntime(env)
    if (runtime !== undefined) await stopRuntime(runtime)
    if (existsSync(home.root)) await rename(home.root, old)
    await rename(fresh, home.root)
    await rm(old, {recursive: true, force: true})
    return manifest
  } finally {
    await rm(fresh, {recursive: true, force: true})
  }
}

async function makeSureOfNoApps(env: NodeJS.ProcessEnv, root: string): Promise<void> {
  const runtime = await findRuntime(env)
  if (runtime === undefined && !existsSync(resolveHome(env).store)) return
  const apps = runtime === undefined ? undefined : await runtime.apps.listAll()
  if (apps?.length === 0) return
  const why = apps === undefined ? 'a store already, and no runtime that tells whether anything is in it' : `${apps.length} apps`
  throw new PlatformError(
    'conflict',
    `${root} has ${why}, which a restore would replace. Name another home with HOKKU_HOME, or move this one away first.`,
  )
}
