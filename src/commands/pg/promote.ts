import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Platform} from '../../lib/client/platform.js'

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
    await this.keepReachable(platform, app, addon.name)
    await this.ui.action(`Promoting ${name} to ${this.ui.err.name(`${flags.as}_URL`)} on ${this.ui.err.app(app)}`, () =>
      platform.addons.attach({addon: addon.name, app, name: flags.as, confirm: app}),
    )
  }

  /** The database that is DATABASE_URL now gets another name, unless it has one. */
  private async keepReachable(platform: Platform, app: string, promoted: string): Promise<void> {
    const attachments = await platform.addons.attachmentsFor(app)
    const current = attachments.find(one => one.name === 'DATABASE')
    if (current === undefined) return
    if (current.addon.name === promoted) throw new CommandError(`${promoted} is already promoted on ${app}`, {id: 'already_promoted'})
    const other = attachments.find(one => one.addon.id === current.addon.id && one.name !== 'DATABASE')
    await this.ui.action(
      `Ensuring an alternate alias for existing ${this.ui.err.name('DATABASE_URL')}`,
      async () => other ?? (await platform.addons.attach({addon: current.addon.name, app, confirm: app})),
      alias => this.ui.err.name(`${alias.name}_URL`),
    )
  }
}
