import type {Dyno} from '../../../schema/resources.js'
import type {AppRecord} from '../../apps/app-record.js'
import type {DynoView} from '../../dynos/dyno-manager.js'
import {isoSeconds} from '../../support/clock.js'

/** `attachUrl` is null unless a client is awaited. */
export function serializeDyno(dyno: DynoView, app: AppRecord, attachUrl: string | null = null): Dyno {
  return {
    attach_url: attachUrl,
    command: dyno.command,
    created_at: isoSeconds(dyno.createdAt),
    id: dyno.id,
    name: dyno.name,
    release: {id: dyno.release.id, version: dyno.release.version},
    app: {id: app.id, name: app.name},
    size: dyno.size,
    state: dyno.state,
    type: dyno.type,
    updated_at: isoSeconds(dyno.since),
  }
}
