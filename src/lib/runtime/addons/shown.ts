import type {AddonPage} from '../../schema/addon-page.js'
import type {ConfigVars} from '../../schema/resources.js'
import type {AddonRecord} from './addons.js'
import {known, type Parts} from './parts.js'
import type {Provisioning} from './provisioning.js'
import type {Servers, Viewer} from './servers.js'

/** Add-ons as people and their clients see them: what whoever serves one says of it. */
export function shown(parts: Parts, servers: Servers, work: Provisioning) {
  return {
    /** Why it could not be provisioned, or what its service says to whoever wanted it. */
    message: (addon: AddonRecord): string | undefined => work.failure(addon.id)?.message ?? servers.of(addon).message?.(addon),
    /** What whoever serves it calls it. */
    providerId: (addon: AddonRecord): string => servers.of(addon).providerId?.(addon) ?? addon.id,
    /** Its page for people, on this machine or the partner's. Throws not_found for a service without one, service_unavailable. */
    page: (addon: AddonRecord, viewer: Viewer): Promise<AddonPage> => servers.of(addon).page(addon, viewer),
    /** Where any browser of this machine sees that page, or is signed on to it. */
    webUrl: (addon: AddonRecord): string | undefined => (addon.state === 'provisioned' ? servers.of(addon).webUrl(addon) : undefined),
    /** Config vars by its manifest's names, whatever its attachments are called, as dynos see them. */
    config(addon: AddonRecord): ConfigVars {
      const knows = known(parts, addon)
      return servers.of(addon).configVars({name: knows.service.manifest.api.config_vars_prefix}, knows, 'dyno')
    },
  }
}
