import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class PgReset extends BaseCommand {
  static override description = 'delete all data in DATABASE'
  static override examples = ['<%= config.bin %> pg:reset DATABASE_URL --confirm demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgReset)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const name = this.ui.err.name(addon.name)
    await confirmApp(this.ui, {app, given: flags.confirm, warning: `Destructive action\n${name} will lose all of its data`})
    await this.ui.action(`Resetting ${name}`, () => platform.data.reset(addon.name))
  }
}
