import type {Platform} from '../client/platform.js'
import type {Release} from '../schema/resources.js'
import {CommandError} from './command-error.js'

/** How far back Heroku's CLI looks for a release that nobody named. */
const searched = 10

/** `v4`, `4` or an id; without one the newest release. */
export async function findRelease(platform: Platform, app: string, name: string | undefined): Promise<Release> {
  if (name !== undefined && name !== 'current') return platform.releases.info(app, bareVersion(name))
  const release = await platform.releases.newest(app)
  if (release === undefined) throw new CommandError(`${app} has no releases.`)
  return release
}

/** The one named, else the newest but one of those that can be rolled back to. */
export async function findRollbackTarget(platform: Platform, app: string, name: string | undefined): Promise<Release> {
  if (name !== undefined && name !== 'previous') return platform.releases.info(app, bareVersion(name))
  const releases = await platform.releases.list(app, {max: searched})
  const previous = releases.filter(release => release.eligible_for_rollback)[1]
  if (previous === undefined) throw new CommandError(`No eligible release found for ${app} to roll back to.`)
  return previous
}

function bareVersion(name: string): string {
  return name.toLowerCase().replace(/^v(?=\d+$)/, '')
}
