import type {Platform} from '../client/platform.js'
import type {Build} from '../schema/resources.js'
import {CommandError} from './command-error.js'

/** By id; without one the newest build. */
export async function findBuild(platform: Platform, app: string, id: string | undefined): Promise<Build> {
  if (id !== undefined) return platform.builds.info(app, id)
  const [newest] = await platform.builds.list(app, {max: 1})
  if (newest === undefined) throw new CommandError(`${app} has no builds.`, {id: 'no_builds'})
  return newest
}
