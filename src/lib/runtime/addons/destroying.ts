import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {followersOf, letGo} from './following.js'
import {attachedApps, attachedAs, oweEach, type Parts} from './parts.js'

/** Throws forbidden for an add-on that other apps use, or that others follow. */
export function checkUnused(parts: Parts, addon: AddonRecord): void {
  const apps = attachedApps(parts, addon.id).filter(appId => appId !== addon.appId)
  if (apps.length > 0) {
    const names = apps.map(appId => parts.resolveApp(appId).name).join(', ')
    throw new PlatformError('forbidden', `${addon.name} is also attached to ${names}. Detach it there first, or use --force.`)
  }
  const followers = followersOf(parts, addon.id).map(one => one.name)
  if (followers.length === 0) return
  throw new PlatformError(
    'forbidden',
    `${addon.name} is followed by ${followers.join(', ')}. Destroy followers first, or run pg:unfollow for them. ` +
      'With --force they become databases of their own.',
  )
}

/** Stores that an add-on goes, in one transaction: no app is attached to it any more, none follows it. Ids of apps that are owed a release. */
export function destroyed(parts: Parts, addon: AddonRecord, user: string): string[] {
  const {rows, clock} = parts
  return rows.transaction(() => {
    const state = addon.state === 'provisioning' || addon.state === 'deprovisioned' ? 'deprovisioned' : 'deprovisioning'
    rows.updateAddon(addon.id, {state}, clock.now())
    const describe = (appId: string): string => `Detach ${attachedAs(parts, addon, appId).names.join(', ')} (@ref:${addon.name})`
    const owing = oweEach(parts, addon, user, false, describe)
    for (const one of rows.attachmentsTo(addon.id)) rows.deleteAttachment(one.id)
    for (const one of followersOf(parts, addon.id)) if (one.state === 'provisioned') letGo(parts, one)
    return owing
  })
}
