import type {Formation, Release} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {FormationRecord} from '../../formation/formation-record.js'
import type {ReleaseRecord} from '../../releases/release-record.js'
import {isoSeconds} from '../../support/clock.js'
import type {Addresses, Caller} from '../services.js'
import {streamKey} from '../token.js'
import {stableId} from './ids.js'

export function serializeRelease(
  release: ReleaseRecord,
  app: AppRecord,
  services: {account: Caller; addresses: Addresses; token: string},
): Release {
  return {
    addon_plan_names: release.addonPlanNames,
    artifacts: release.slugId === undefined ? [] : [{id: release.slugId, type: 'slug'}],
    app: {id: app.id, name: app.name},
    created_at: isoSeconds(release.createdAt),
    description: release.description,
    id: release.id,
    updated_at: isoSeconds(release.updatedAt),
    oci_image: null,
    slug: release.slugId === undefined ? null : {id: release.slugId},
    status: release.status,
    user: {id: services.account.id, email: release.userEmail},
    version: release.version,
    current: app.currentRelease === release.id,
    output_stream_url: release.outputId === undefined ? null : outputUrl(services, release.outputId),
    eligible_for_rollback: release.status === 'succeeded' && release.slugId !== undefined,
  }
}

/** Where the output of a build or a release command can be followed: the URL is the key, so no token is needed. */
export function outputUrl({addresses, token}: {addresses: Addresses; token: string}, outputId: string): string {
  return `${addresses.api()}/streams/${outputId}-${streamKey(token, outputId)}`
}

export function serializeFormation(one: FormationRecord, app: AppRecord, command: string): Formation {
  return {
    app: {id: app.id, name: app.name},
    command,
    created_at: isoSeconds(one.createdAt),
    dyno_size: {id: stableId('dyno-size', one.size), name: one.size},
    id: one.id,
    quantity: one.quantity,
    size: one.size,
    type: one.type,
    updated_at: isoSeconds(one.updatedAt),
  }
}
