import type {Home} from '../schema/home.js'
import type {RuntimeStatus} from '../schema/runtime-status.js'
import {accountResource} from './account.js'
import {addonServicesResource} from './addon-services.js'
import {addonSnapshotsResource} from './addon-snapshots.js'
import {addonsResource} from './addons.js'
import {appSetupsResource} from './app-setups.js'
import {appsResource} from './apps.js'
import {buildpacksResource} from './buildpacks.js'
import {buildsResource} from './builds.js'
import {catalogResource} from './catalog.js'
import {configVarsResource} from './config-vars.js'
import {containerImagesResource} from './container-images.js'
import {dataResource} from './data.js'
import {domainsResource} from './domains.js'
import {dynosResource} from './dynos.js'
import {featuresResource} from './features.js'
import {formationResource} from './formation.js'
import {logDrainsResource} from './log-drains.js'
import {logRetentionResource} from './log-retention.js'
import {logSessionsResource} from './log-sessions.js'
import {papertrailResource} from './papertrail.js'
import {releasesResource} from './releases.js'
import {runtimeResource} from './runtime.js'
import {schedulerResource} from './scheduler.js'
import {acmResource, sniEndpointsResource} from './sni-endpoints.js'
import {transfersResource} from './transfers.js'
import type {Transport} from './transport.js'

export type Platform = ReturnType<typeof platformOver>

/** Everything a command can ask of the runtime, by noun. */
export function platformOver(transport: Transport, status: RuntimeStatus, home: Home) {
  return {
    /** For what has no noun yet. */
    transport,
    /** The handshake. */
    status,
    home,
    account: accountResource(transport),
    acm: acmResource(transport),
    addons: addonsResource(transport),
    addonServices: addonServicesResource(transport),
    addonSnapshots: addonSnapshotsResource(transport),
    apps: appsResource(transport),
    appSetups: appSetupsResource(transport),
    buildpacks: buildpacksResource(transport),
    builds: buildsResource(transport),
    catalog: catalogResource(transport),
    configVars: configVarsResource(transport),
    containerImages: containerImagesResource(transport),
    data: dataResource(transport),
    domains: domainsResource(transport),
    dynos: dynosResource(transport),
    features: featuresResource(transport),
    formation: formationResource(transport),
    logDrains: logDrainsResource(transport),
    logRetention: logRetentionResource(transport),
    logSessions: logSessionsResource(transport),
    releases: releasesResource(transport),
    runtime: runtimeResource(transport),
    papertrail: papertrailResource(transport),
    scheduler: schedulerResource(transport),
    sniEndpoints: sniEndpointsResource(transport),
    transfers: transfersResource(transport),
  }
}
