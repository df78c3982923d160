import type {ConfigVars} from '../../../schema/resources.js'
import type {Store} from '../../store/store.js'
import type {Seal} from '../../support/seal.js'

/** What a partner said of an add-on. There is one as soon as the partner may know of it. */
export interface PartnerAddon {
  addonId: string
  /** How the partner calls it; until it has said so, the add-on's own id. */
  reference: string
  /** By the manifest's names. */
  config: ConfigVars
  /** For people, with the answer to their wish. */
  message: string | undefined
  /** Of the lines that its drain gets: `d.<uuid>`. */
  drainToken: string
  /** Until when the partner says how what it took on has ended. */
  deadline: Date | undefined
  /** That it was asked to change to, and did not answer yet. */
  wantedPlan: string | undefined
}

/** An end that the partner has not heard of. */
export interface Farewell {
  addonId: string
  name: string
  service: string
  reference: string
  since: Date
}

export type GrantKind = 'code' | 'access' | 'refresh'

interface PartnerRow {
  addon_id: string
  reference: string
  config_sealed: string
  message: string | null
  drain_token: string
  deadline: string | null
  wanted_plan: string | null
}

interface FarewellRow {
  addon_id: string
  name: string
  service: string
  reference: string
  since: string
}

export type PartnerTable = ReturnType<typeof partnerTable>

/** The SQL of what is between partners and us. */
export function partnerTable(store: Store, seal: Seal) {
  return {
    get(addonId: string): PartnerAddon | undefined {
      const row = store.get<PartnerRow>('SELECT * FROM partner_addons WHERE addon_id = ?', addonId)
      return row === undefined ? undefined : opened(row, seal)
    },
    put: (one: PartnerAddon) =>
      store.run(
        `INSERT OR REPLACE INTO partner_addons (addon_id, reference, config_sealed, message, drain_token, deadline, wanted_plan)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...[one.addonId, one.reference, seal.seal(JSON.stringify(one.config)), one.message ?? null, one.drainToken],
        ...[one.deadline?.toISOString() ?? null, one.wantedPlan ?? null],
      ),
    remove: (addonId: string) => store.run('DELETE FROM partner_addons WHERE addon_id = ?', addonId),
    transaction: <T>(work: () => T): T => store.transaction(work),
    grants: grantRows(store, seal),
    farewells: farewellRows(store),
  }
}

/** Only digests are kept: whoever reads the store cannot show what they are of. */
function grantRows(store: Store, seal: Seal) {
  return {
    add: (secret: string, kind: GrantKind, addonId: string, expiresAt: Date | undefined) =>
      store.run(
        'INSERT INTO partner_grants (digest, kind, addon_id, expires_at) VALUES (?, ?, ?, ?)',
        ...[seal.digest(secret), kind, addonId, expiresAt?.toISOString() ?? null],
      ),
    /** The add-on that a secret of that kind is for, unless it has expired. */
    find: (secret: string, kind: GrantKind, now: Date): string | undefined =>
      store.get<{addon_id: string}>(
        'SELECT addon_id FROM partner_grants WHERE digest = ? AND kind = ? AND (expires_at IS NULL OR expires_at > ?)',
        ...[seal.digest(secret), kind, now.toISOString()],
      )?.addon_id,
    remove: (secret: string) => store.run('DELETE FROM partner_grants WHERE digest = ?', seal.digest(secret)),
    expire: (now: Date) => store.run('DELETE FROM partner_grants WHERE expires_at <= ?', now.toISOString()),
  }
}

function farewellRows(store: Store) {
  return {
    add: ({addonId, name, service, reference, since}: Farewell) =>
      store.run(
        'INSERT OR REPLACE INTO partner_farewells (addon_id, name, service, reference, since) VALUES (?, ?, ?, ?, ?)',
        ...[addonId, name, service, reference, since.toISOString()],
      ),
    all: (): Farewell[] =>
      store
        .all<FarewellRow>('SELECT * FROM partner_farewells ORDER BY since')
        .map(({addon_id: addonId, since, ...row}) => ({...row, addonId, since: new Date(since)})),
    remove: (addonId: string) => store.run('DELETE FROM partner_farewells WHERE addon_id = ?', addonId),
    removeOf: (service: string) => store.run('DELETE FROM partner_farewells WHERE service = ?', service),
  }
}

function opened(row: PartnerRow, seal: Seal): PartnerAddon {
  return {
    addonId: row.addon_id,
    reference: row.reference,
    config: JSON.parse(seal.open(row.config_sealed)),
    message: row.message ?? undefined,
    drainToken: row.drain_token,
    deadline: row.deadline === null ? undefined : new Date(row.deadline),
    wantedPlan: row.wanted_plan ?? undefined,
  }
}
