import {PlatformError} from '../../schema/errors.js'
import {type Store, writeSetting} from '../store/store.js'
import {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {AttachmentReleaser} from './addons.js'

export interface OwedRelease {
  appId: string
  description: string
  /** The user, or `heroku-postgresql@addons.heroku.com`. */
  user: string
  /** Made by the add-on for its own config vars: no release phase. */
  addonConfigOnly: boolean
}

export type OwedReleases = ReturnType<typeof owedReleases>

const prefix = 'owed-release:'

/**
 * Releases that a change of attachments or of an add-on's state calls for. They are written down together with the change and
 * struck out together with the release, so a runtime killed in between cuts them at its next start, once.
 */
export function owedReleases(store: Store, releaser: AttachmentReleaser, log: RuntimeLog) {
  const queues = new Queues()
  const cutOne = async (key: string, owed: OwedRelease): Promise<void> => {
    const strikeOut = (): void => void store.run('DELETE FROM settings WHERE key = ?', key)
    try {
      await releaser.cut(owed.appId, owed.description, {user: owed.user, addonConfigOnly: owed.addonConfigOnly}, strikeOut)
    } catch (error) {
      if (!(error instanceof PlatformError && error.id === 'not_found')) throw error
      log.info('release owed to an app that is gone', {description: owed.description})
      strikeOut()
    }
  }
  const settle = (appId: string): Promise<void> =>
    queues.run(appId, async () => {
      for (const [key, owed] of owedRows(store)) if (owed.appId === appId) await cutOne(key, owed)
    })
  return {
    /** To be called in the transaction of the change itself. */
    owe(owed: OwedRelease): void {
      const last = owedRows(store).at(-1)?.[0].slice(prefix.length) ?? '0'
      writeSetting(store, prefix + String(Number(last) + 1).padStart(12, '0'), JSON.stringify(owed))
    },
    /** Cuts what is owed to an app, oldest first. */
    settle,
    async settleAll(): Promise<void> {
      const apps = [...new Set(owedRows(store).map(([, owed]) => owed.appId))]
      await Promise.all(apps.map(appId => settle(appId).catch((error: unknown) => log.error('owed release not cut', {appId, error}))))
    },
    idle: () => queues.idle(),
  }
}

function owedRows(store: Store): [key: string, owed: OwedRelease][] {
  return store
    .all<{key: string; value: string}>('SELECT key, value FROM settings WHERE key >= ? AND key < ? ORDER BY key', prefix, `${prefix}~`)
    .map(row => [row.key, JSON.parse(row.value) as OwedRelease])
}
