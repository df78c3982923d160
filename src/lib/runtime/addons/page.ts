import type {AddonPage} from '../../schema/addon-page.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {known, type Parts} from './parts.js'
import {filledFor} from './templates.js'

/** Where the host reaches the page of an add-on's server. Throws not_found for a service without one, service_unavailable. */
export async function pageOf(parts: Parts, addon: AddonRecord): Promise<AddonPage> {
  const {service, plan} = known(parts, addon)
  const {page} = service.manifest.local
  if (page === undefined) throw new PlatformError('not_found', `${addon.service} has no page to open.`, {resource: 'add_on'})
  const port = await parts.instances.publishedPort(addon, page.port)
  const user = page.user === undefined ? {} : {user: filledFor(page.user, addon, service, plan)}
  return {url: `http://127.0.0.1:${port}${page.path}`, ...user}
}
