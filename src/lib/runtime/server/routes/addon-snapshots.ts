import type {AddonSnapshot} from '../../../schema/addon-snapshot.js'
import type {Snapshot} from '../../addons/snapshots.js'
import type {Api, Services} from '../services.js'

/** What destroyed add-ons held; for the socket only. A new add-on gets it by the option `snapshot` of its creation. */
export function addonSnapshotRoutes(api: Api, {addons}: Pick<Services, 'addons'>): void {
  api.get('/runtime/addon-snapshots', c => c.json(addons.snapshots.list().map(snapshotJson)))
  api.get('/runtime/addon-snapshots/:snapshot', c => c.json(snapshotJson(addons.snapshots.get(c.req.param('snapshot')))))
  api.delete('/runtime/addon-snapshots/:snapshot', async c => {
    const snapshot = addons.snapshots.get(c.req.param('snapshot'))
    await addons.snapshots.remove(snapshot)
    return c.json(snapshotJson(snapshot))
  })
}

function snapshotJson({id, name, app, service, plan, dataBytes, bytes, createdAt, expiresAt}: Snapshot): AddonSnapshot {
  return {
    id,
    name,
    app: {name: app},
    plan: {name: `${service}:${plan}`},
    data_bytes: dataBytes,
    bytes,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
