import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'
import {queryArgs, queryFlags} from '../../../lib/cli/query-command.js'

export default class PgUpgradeRun extends BaseCommand {
  static override description = `starts a Postgres version upgrade
There is one major version here, the one that Debian has: until there is another, this says so and changes nothing.`
  static override examples = ['<%= config.bin %> pg:upgrade:run DATABASE_URL --app demo --confirm demo']
  static override args = queryArgs
  static override flags = {...queryFlags, ...confirmFlags, version: string({char: 'v', description: 'Postgres version to upgrade to'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgUpgradeRun)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const to = flags.version === undefined ? 'the latest supported Postgres version' : `Postgres version ${flags.version}`
    const warning = `Destructive action\nYou're upgrading ${this.ui.err.name(addon.name)} to ${to}.\n\nYou can't undo this action.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(
      `Starting upgrade on ${this.ui.err.name(addon.name)}`,
      () => platform.data.upgrade(addon.name, flags.version),
      ({message}) => `done\n${message}`,
    )
  }
}
