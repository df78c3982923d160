import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {followersOf} from './following.js'
import {credentialsFor, hostOf} from './naming.js'
import {known, oweUpdate, type Parts} from './parts.js'

/** As long as the authority itself: a server would have to start again for another one. */
const certificateDays = 3650

/**
 * The add-on with all that its service asks for: credentials that a newer version of it wants, and a certificate, where it has TLS. Made
 * once, kept with its credentials.
 */
export function equipped(parts: Parts, addon: AddonRecord): AddonRecord {
  const {local} = parts.catalogue.service(addon.service).manifest
  const wanted = Object.entries(local.credentials).filter(([name]) => addon.credentials[name] === undefined)
  const certificate = local.tls && addon.credentials['tls_key'] === undefined ? certificateFor(parts, addon) : {}
  if (wanted.length === 0 && certificate.tls_key === undefined) return addon
  const credentials = {...addon.credentials, ...credentialsFor(Object.fromEntries(wanted), parts.random), ...certificate}
  parts.rows.updateCredentials(addon.id, credentials, parts.clock.now())
  return {...addon, credentials}
}

function certificateFor({authority}: Parts, addon: AddonRecord): {tls_certificate?: string; tls_key?: string} {
  const names = ['localhost', `${hostOf(addon)}.localhost`, '127.0.0.1', '::1']
  const {certificate, key} = authority.issue(names, certificateDays)
  return {tls_certificate: certificate, tls_key: key}
}

/** Of data that moves to another add-on: all but the certificate, which names the old one. */
export function withoutCertificate({
  tls_certificate: _certificate,
  tls_key: _key,
  ...rest
}: Record<string, string>): Record<string, string> {
  return rest
}

/**
 * Makes new passwords and owes every app that the add-on or one of its followers is attached to a release, in one transaction; the apps'
 * ids. Throws invalid_params for a service or a follower that cannot, conflict for an add-on that is not provisioned.
 */
export function rotate(parts: Parts, addon: AddonRecord): string[] {
  const {manifest} = parts.catalogue.service(addon.service)
  const {credentials, rotates} = manifest.local
  if (rotates.length === 0) throw new PlatformError('invalid_params', `${addon.service} cannot rotate its credentials.`)
  if (addon.state !== 'provisioned')
    throw new PlatformError('conflict', `${addon.name} is ${addon.state}. Try again when it is provisioned.`)
  const leader = known(parts, addon).leader?.name
  if (leader !== undefined)
    throw new PlatformError('invalid_params', `${addon.name} has the credentials of ${leader}, which it follows. Rotate those.`)
  const wanted = Object.fromEntries(Object.entries(credentials).filter(([name]) => rotates.includes(name)))
  const fresh = credentialsFor(wanted, parts.random)
  return parts.rows.transaction(() => [addon, ...followersOf(parts, addon.id)].flatMap(one => renewed(parts, one, fresh)))
}

function renewed(parts: Parts, addon: AddonRecord, fresh: Record<string, string>): string[] {
  parts.rows.updateCredentials(addon.id, {...addon.credentials, ...fresh}, parts.clock.now())
  return oweUpdate(parts, addon)
}
