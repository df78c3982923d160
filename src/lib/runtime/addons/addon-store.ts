import type {Store} from '../store/store.js'
import type {Seal} from '../support/seal.js'
import type {AddonRecord, AttachmentRecord} from './addons.js'

interface AddonRow {
  id: string
  app_id: string
  name: string
  host: string | null
  service: string
  plan: string
  state: string
  options: string
  credentials_sealed: string
  host_port: number | null
  page_port: number | null
  created_at: string
  updated_at: string
}

interface AttachmentRow {
  id: string
  addon_id: string
  app_id: string
  name: string
  namespace: string | null
  created_at: string
  updated_at: string
}

export type AddonStore = ReturnType<typeof addonStore>

/** The SQL of add-ons and attachments. */
export function addonStore(store: Store, seal: Seal) {
  const addonOf = (row: AddonRow): AddonRecord => openAddon(row, seal)
  return {
    transaction: <T>(work: () => T): T => store.transaction(work),
    addons: () => store.all<AddonRow>('SELECT * FROM addons ORDER BY created_at, name').map(addonOf),
    addonsOf: (appId: string) => store.all<AddonRow>('SELECT * FROM addons WHERE app_id = ? ORDER BY created_at, name', appId).map(addonOf),
    /** Those that name it as their leader. */
    followersOf: (leaderId: string) =>
      store
        .all<AddonRow>("SELECT * FROM addons WHERE json_extract(options, '$.follow') = ? ORDER BY created_at, name", leaderId)
        .map(addonOf),
    addon(identity: string): AddonRecord | undefined {
      const row = store.get<AddonRow>('SELECT * FROM addons WHERE id = ? OR name = ?', identity, identity)
      return row === undefined ? undefined : addonOf(row)
    },
    insertAddon: (addon: AddonRecord) => insertAddon(store, seal, addon),
    updateAddon: (id: string, changes: Partial<Pick<AddonRecord, 'plan' | 'state' | 'hostPort' | 'pagePort' | 'options'>>, at: Date) =>
      store.run(
        `UPDATE addons SET plan = coalesce(?, plan), state = coalesce(?, state), host_port = coalesce(?, host_port),
         page_port = coalesce(?, page_port), options = coalesce(?, options), updated_at = ? WHERE id = ?`,
        ...[changes.plan ?? null, changes.state ?? null, changes.hostPort ?? null, changes.pagePort ?? null],
        ...[changes.options === undefined ? null : JSON.stringify(changes.options), at.toISOString(), id],
      ),
    updateCredentials: (id: string, credentials: Record<string, string>, at: Date) =>
      store.run(
        'UPDATE addons SET credentials_sealed = ?, updated_at = ? WHERE id = ?',
        ...[seal.seal(JSON.stringify(credentials)), at.toISOString(), id],
      ),
    renameAddon: (id: string, name: string, at: Date) =>
      store.run('UPDATE addons SET host = coalesce(host, name), name = ?, updated_at = ? WHERE id = ?', name, at.toISOString(), id),
    /** Whether an add-on goes, or went at first, by that name. */
    nameTaken: (name: string) => store.get('SELECT id FROM addons WHERE name = ? OR host = ? OR id = ?', name, name, name) !== undefined,
    deleteAddon: (id: string) => store.run('DELETE FROM addons WHERE id = ?', id),
    hostPorts: () =>
      store
        .all<Pick<AddonRow, 'host_port' | 'page_port'> & {pool_port: number | null}>(
          "SELECT host_port, page_port, CAST(json_extract(options, '$.pool_port') AS INTEGER) AS pool_port FROM addons",
        )
        .flatMap(row => [row.host_port, row.page_port, row.pool_port].filter(port => port !== null)),
    attachments: () => store.all<AttachmentRow>('SELECT * FROM attachments ORDER BY created_at, name').map(attachmentOf),
    attachmentsOf: (appId: string) =>
      store.all<AttachmentRow>('SELECT * FROM attachments WHERE app_id = ? ORDER BY created_at, name', appId).map(attachmentOf),
    attachmentsTo: (addonId: string) =>
      store.all<AttachmentRow>('SELECT * FROM attachments WHERE addon_id = ? ORDER BY created_at, name', addonId).map(attachmentOf),
    attachment(id: string): AttachmentRecord | undefined {
      const row = store.get<AttachmentRow>('SELECT * FROM attachments WHERE id = ?', id)
      return row === undefined ? undefined : attachmentOf(row)
    },
    insertAttachment: (one: AttachmentRecord) =>
      store.run(
        'INSERT INTO attachments (id, addon_id, app_id, name, namespace, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[one.id, one.addonId, one.appId, one.name, one.namespace ?? null, one.createdAt.toISOString(), one.updatedAt.toISOString()],
      ),
    deleteAttachment: (id: string) => store.run('DELETE FROM attachments WHERE id = ?', id),
  }
}

function insertAddon(store: Store, seal: Seal, addon: AddonRecord): number {
  return store.run(
    `INSERT INTO addons (id, app_id, name, service, plan, state, options, credentials_sealed, host_port, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[addon.id, addon.appId, addon.name, addon.service, addon.plan, addon.state, JSON.stringify(addon.options)],
    ...[seal.seal(JSON.stringify(addon.credentials)), addon.hostPort ?? null, addon.createdAt.toISOString(), addon.updatedAt.toISOString()],
  )
}

function openAddon(row: AddonRow, seal: Seal): AddonRecord {
  return {
    id: row.id,
    appId: row.app_id,
    name: row.name,
    ...(row.host !== null && {host: row.host}),
    service: row.service,
    plan: row.plan,
    state: row.state as AddonRecord['state'],
    options: JSON.parse(row.options),
    credentials: JSON.parse(seal.open(row.credentials_sealed)),
    hostPort: row.host_port ?? undefined,
    ...(row.page_port !== null && {pagePort: row.page_port}),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}

function attachmentOf(row: AttachmentRow): AttachmentRecord {
  return {
    id: row.id,
    addonId: row.addon_id,
    appId: row.app_id,
    name: row.name,
    namespace: row.namespace ?? undefined,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }
}
