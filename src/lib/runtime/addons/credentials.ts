import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {credentialsFor, hostOf} from './naming.js'
import {attachedAs, oweEach, type Parts, partnerUser} from './parts.js'

/** As long as the authority itself: a server would have to start again for another one. */
const certificateDays = 3650

/** The add-on with a certificate, where its service has TLS: made once, kept with its credentials. */
export function certified(parts: Parts, addon: AddonRecord): AddonRecord {
  const {manifest} = parts.catalogue.service(addon.service)
  if (!manifest.local.tls || addon.credentials['tls_key'] !== undefined) return addon
  const names = ['localhost', `${hostOf(addon)}.localhost`, '127.0.0.1', '::1']
  const {certificate, key} = parts.authority.issue(names, certificateDays)
  const credentials = {...addon.credentials, tls_certificate: certificate, tls_key: key}
  parts.rows.updateCredentials(addon.id, credentials, parts.clock.now())
  return {...addon, credentials}
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
 * Makes new passwords and owes every app that the add-on is attached to a release, in one transaction; the apps' ids. Throws
 * invalid_params for a service that cannot, conflict for an add-on that is not provisioned.
 */
export function rotate(parts: Parts, addon: AddonRecord): string[] {
  const {manifest} = parts.catalogue.service(addon.service)
  const {credentials, rotates} = manifest.local
  if (rotates.length === 0) throw new PlatformError('invalid_params', `${addon.service} cannot rotate its credentials.`)
  if (addon.state !== 'provisioned')
    throw new PlatformError('conflict', `${addon.name} is ${addon.state}. Try again when it is provisioned.`)
  const wanted = Object.fromEntries(Object.entries(credentials).filter(([name]) => rotates.includes(name)))
  return parts.rows.transaction(() => {
    const fresh = {...addon.credentials, ...credentialsFor(wanted, parts.random)}
    parts.rows.updateCredentials(addon.id, fresh, parts.clock.now())
    const describe = (appId: string): string => `Update ${attachedAs(parts, addon, appId).names.join(', ')} by ${addon.service}`
    return oweEach(parts, addon, partnerUser(addon), true, describe)
  })
}
