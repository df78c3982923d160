import {PlatformError} from '../../schema/errors.js'
import type {ConfigChanges, ConfigVars as Vars} from '../../schema/resources.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Apps} from '../apps/apps.js'
import type {ConfigVars} from '../config-vars/config-vars.js'
import type {Formations} from '../formation/formations.js'
import type {SlugRecord} from '../slugs/slug-record.js'
import type {Slugs} from '../slugs/slugs.js'
import type {Clock} from '../support/clock.js'
import {apiNotice, type LogSink} from '../support/log-sink.js'
import {keptOutputs} from '../support/outputs.js'
import type {Queues} from '../support/queues.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {ReleasePhase} from './release-phase.js'
import type {AttachmentSnapshot, ReleaseRecord} from './release-record.js'
import type {ReleaseTable} from './release-table.js'

/** The part of the add-ons that a release snapshots; declared here, done by addons/. */
export interface Attachments {
  attachments(appId: string): AttachmentSnapshot[]
  /** `dyno`: as dynos see them; `host`: as programs on the host can use them. */
  configVars(appId: string, view: 'dyno' | 'host'): Vars
  planNames(appId: string): string[]
}

/** Who makes the current release run; declared here, done by the dyno manager. */
export interface Launcher {
  launch(appId: string, because: string): void
}

/** What a new release is made of; what is not given is as in the current one. */
export interface Change {
  description: string
  user: string
  slugId?: string
  userConfig?: Vars
  /** Made by an add-on for its own config vars: such releases skip the release phase. */
  skipReleasePhase?: boolean
  /** Called in the transaction that stores the release: what must be stored with it or not at all. */
  alongside?: (release: ReleaseRecord) => void
}

export interface Cut {
  release: ReleaseRecord
  /** The release as it ended: succeeded or failed. Never rejects. */
  finished: Promise<ReleaseRecord>
}

interface ReleasesDeps {
  apps: Apps
  configVars: ConfigVars
  slugs: Slugs
  table: ReleaseTable
  attachments: Attachments
  phase: ReleasePhase
  launcher: Launcher
  logs: LogSink
  log: RuntimeLog
  formations: Formations
  clock: Clock
  queues: Queues
}

/** Cuts releases, one at a time per app, and decides which one is current. */
export class Releases {
  /** Opened once the engine was looked at: before, nobody knows whether a release command still runs. */
  private observed: () => void = () => undefined
  private readonly engineObserved = new Promise<void>(resolve => {
    this.observed = resolve
  })

  constructor(private readonly deps: ReleasesDeps) {}

  /**
   * Makes the next release of an app from what is given and what is current; a function is called when its turn comes, and
   * what it stores is stored together with the release or not at all. Resolves once that is done; its release phase, if any,
   * goes on, and the next change of that app waits for it.
   */
  cut(appId: string, change: Change | (() => Change | undefined)): Promise<Cut | undefined> {
    return new Promise((resolve, reject) => {
      void this.deps.queues
        .run(appId, async () => {
          const app = this.deps.apps.resolve(appId)
          const release = this.store(app, change)
          if (release === undefined) return resolve(undefined)
          const finished = this.finish(app, release)
          resolve({release, finished})
          await finished
        })
        .catch(reject)
    })
  }

  /** Changes the user's config vars and cuts the release for it; undefined when nothing changed. */
  async changeConfig(appId: string, changes: ConfigChanges, user: string): Promise<Cut | undefined> {
    return await this.cut(appId, () => {
      const owned = new Set(Object.keys(this.deps.attachments.configVars(appId, 'dyno')))
      const description = this.deps.configVars.change(appId, changes, owned)
      return description === undefined ? undefined : {description, user}
    })
  }

  /** A new release with the slug and config vars of an old one. Throws when that one cannot run again. */
  async rollback(appId: string, to: ReleaseRecord, user: string): Promise<Cut> {
    if (to.status === 'expired') throw expired(`Cannot roll back to v${to.version}`, this.slugOf(to))
    if (to.status !== 'succeeded' || to.slugId === undefined)
      throw new PlatformError(
        'invalid_params',
        `Cannot roll back to v${to.version}: it ${to.slugId === undefined ? 'has no code' : 'did not succeed'}.`,
      )
    const slugId = to.slugId
    const cut = await this.cut(appId, () => {
      if (this.slugOf(to)?.pruned) throw expired(`Cannot roll back to v${to.version}`, this.slugOf(to))
      this.deps.configVars.replace(appId, to.userConfig)
      return {description: `Rollback to v${to.version}`, user, slugId, userConfig: to.userConfig}
    })
    return cut as Cut
  }

  /** Stops a release's command, so that the release fails; false when none runs. */
  cancelCommand(releaseId: string): boolean {
    const outputId = this.deps.table.get(releaseId)?.outputId
    return outputId !== undefined && this.deps.phase.cancel(outputId)
  }

  current(appId: string): ReleaseRecord | undefined {
    const app = this.deps.apps.find(appId)
    return app === undefined ? undefined : this.currentOf(app)
  }

  currentOf({currentRelease}: AppRecord): ReleaseRecord | undefined {
    return currentRelease === undefined ? undefined : this.deps.table.get(currentRelease)
  }

  slugOf(release: ReleaseRecord): SlugRecord | undefined {
    return release.slugId === undefined ? undefined : this.deps.slugs.get(release.slugId)
  }

  /**
   * Queues what a killed runtime left unfinished, before any new change. A release whose command may still run waits until
   * `resume` says that the engine was looked at.
   */
  recover(): void {
    for (const release of this.deps.table.pending())
      this.deps.queues
        .run(release.appId, async () => {
          if (release.outputId !== undefined) await this.engineObserved
          const app = this.deps.apps.find(release.appId)
          if (app !== undefined) await this.finish(app, release)
        })
        .catch(error => this.deps.log.error('release not finished', {release: release.id, error}))
  }

  /** The dyno manager knows all dynos now, those of release commands too: such a command goes on, and one that is gone runs again. */
  resume(): void {
    this.observed()
  }

  private store(app: AppRecord, change: Change | (() => Change | undefined)): ReleaseRecord | undefined {
    return this.deps.table.transaction(() => {
      const made = typeof change === 'function' ? change() : change
      if (made === undefined) return undefined
      const release = this.insert(app, made)
      made.alongside?.(release)
      this.notice(app.id, `${made.description} by user ${made.user}`)
      // Without a command to wait for it is current at once: no kill can leave it pending.
      if (release.outputId === undefined) this.makeCurrent(release, this.slugOf(release))
      return release
    })
  }

  private insert(app: AppRecord, change: Change): ReleaseRecord {
    const {attachments, configVars, table} = this.deps
    const slugId = change.slugId ?? this.current(app.id)?.slugId
    const slug = slugId === undefined ? undefined : this.deps.slugs.get(slugId)
    if (slug?.pruned) throw expired('Cannot release that slug', slug)
    const command = slug?.processTypes['release']
    const phase = command !== undefined && change.skipReleasePhase !== true
    return table.insert({
      appId: app.id,
      slugId,
      description: change.description,
      status: 'pending',
      userEmail: change.user,
      userConfig: change.userConfig ?? configVars.get(app.id),
      addonConfig: attachments.configVars(app.id, 'dyno'),
      attachments: attachments.attachments(app.id),
      addonPlanNames: attachments.planNames(app.id),
      outputId: phase ? this.deps.phase.announce() : undefined,
    })
  }

  private async finish(app: AppRecord, release: ReleaseRecord): Promise<ReleaseRecord> {
    const {table, phase, launcher} = this.deps
    const slug = this.slugOf(release)
    const ok = release.outputId === undefined || slug === undefined || (await this.runPhase(app, release, slug, phase))
    if (this.deps.apps.find(app.id) === undefined) return release
    if (!ok) table.setStatus(release.id, 'failed')
    else if (table.get(release.id)?.status === 'pending') this.makeCurrent(release, slug)
    this.notice(
      app.id,
      ok
        ? `Release v${release.version} created by user ${release.userEmail}`
        : `Release v${release.version} command failed by user ${release.userEmail}`,
    )
    if (ok) launcher.launch(app.id, `release v${release.version}`)
    return table.get(release.id) ?? release
  }

  /** The formation follows the process types of what runs now, not of what was tried. */
  private makeCurrent(release: ReleaseRecord, slug: SlugRecord | undefined): void {
    this.deps.table.transaction(() => {
      const current = this.deps.table.succeed(release)
      if (current && slug !== undefined) this.deps.formations.follow(release.appId, slug.processTypes, release.userEmail)
    })
  }

  private async runPhase(app: AppRecord, release: ReleaseRecord, slug: SlugRecord, phase: ReleasePhase): Promise<boolean> {
    this.notice(app.id, `Running release v${release.version} commands by user ${release.userEmail}`)
    const ok = await phase.run(app, release, slug)
    await phase.forget(this.deps.table.oldOutputIds(app.id, keptOutputs))
    return ok
  }

  private notice(appId: string, message: string): void {
    this.deps.logs.append(appId, apiNotice(this.deps.clock.now(), message))
  }
}

/** What Heroku calls expired: the code of it is still in git. */
function expired(what: string, slug: SlugRecord | undefined): PlatformError {
  const again = slug?.commit === undefined ? 'Deploy that version again.' : `Push its commit again: git push hokku ${slug.commit}:main`
  return new PlatformError('invalid_params', `${what}: its slug was removed, since newer ones took its place. ${again}`)
}
