import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {FullAttachment} from '../../lib/client/addons.js'
import type {Platform} from '../../lib/client/platform.js'

/** The namespace of what leads to a pool. */
const pooled = 'connection-pooling:default'

export default class PgPromote extends BaseCommand {
  static override description = `sets DATABASE as your DATABASE_URL
The database that was it keeps another name, which is made where it has none.`
  static override examples = ['<%= config.bin %> pg:promote HEROKU_POSTGRESQL_COBALT_URL --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database', required: true})}
  static override flags = {
    ...appFlags,
    as: string({description: 'name of the attachment', default: 'DATABASE'}),
    force: boolean({char: 'f', description: 'also when it is not available yet'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgPromote)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const name = this.ui.err.name(addon.name)
    const {message, 'waiting?': waiting} = await platform.data.databaseStatus(addon.name)
    if (waiting && !flags.force)
      throw new CommandError(`Database cannot be promoted while in state: ${message}`, {
        id: 'not_provisioned',
        suggestions: [`hokku pg:wait --app ${app}`, 'use --force and risk errors of the app'],
      })
    const pool = await this.keepReachable(platform, app, addon.name)
    await this.ui.action(`Promoting ${name} to ${this.ui.err.name(`${flags.as}_URL`)} on ${this.ui.err.app(app)}`, () =>
      platform.addons.attach({addon: addon.name, app, name: flags.as, confirm: app}),
    )
    if (pool !== undefined)
      await this.ui.action('Reattaching pooler to new leader', () =>
        platform.addons.attach({addon: addon.name, app, name: pool.name, namespace: pooled, confirm: app}),
      )
    const {leader} = await platform.data.database(addon.name)
    if (leader !== undefined)
      this.ui.warn(
        `Your database has been promoted but it is currently a follower database in read-only mode.\n` +
          `Promoting a database with ${this.ui.err.command('hokku pg:promote')} doesn't automatically unfollow its leader.\n` +
          `Use ${this.ui.err.command(`hokku pg:unfollow ${addon.name} --app ${app}`)} to stop this follower from replicating from its leader ` +
          `(${this.ui.err.name(leader)}) and convert it into a writable database.`,
      )
  }

  /** The database that is DATABASE_URL now gets another name, unless it has one. The attachment of its pool, which is to follow. */
  private async keepReachable(platform: Platform, app: string, promoted: string): Promise<FullAttachment | undefined> {
    const attachments = await platform.addons.attachmentsFor(app)
    const current = attachments.find(one => one.name === 'DATABASE')
    if (current === undefined) return undefined
    if (current.addon.name === promoted) throw new CommandError(`${promoted} is already promoted on ${app}`, {id: 'already_promoted'})
    const own = attachments.filter(one => one.addon.id === current.addon.id)
    const other = own.find(one => one.namespace === null && one.name !== 'DATABASE')
    await this.ui.action(
      `Ensuring an alternate alias for existing ${this.ui.err.name('DATABASE_URL')}`,
      async () => other ?? (await platform.addons.attach({addon: current.addon.name, app, confirm: app})),
      alias => this.ui.err.name(`${alias.name}_URL`),
    )
    return own.find(one => one.namespace === pooled && one.name === 'DATABASE_CONNECTION_POOL')
  }
}
