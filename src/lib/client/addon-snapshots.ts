import type {AddonSnapshot} from '../schema/addon-snapshot.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** What destroyed add-ons held, by their name or id. */
export function addonSnapshotsResource(transport: Transport) {
  return {
    list: () => transport.call<AddonSnapshot[]>('GET', '/runtime/addon-snapshots'),
    get: (snapshot: string) => transport.call<AddonSnapshot>('GET', path`/runtime/addon-snapshots/${snapshot}`),
    destroy: (snapshot: string) => transport.call<AddonSnapshot>('DELETE', path`/runtime/addon-snapshots/${snapshot}`),
  }
}
