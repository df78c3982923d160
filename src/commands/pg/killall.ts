import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class PgKillall extends BaseCommand {
  static override description = 'terminates all connections for all credentials'
  static override examples = ['<%= config.bin %> pg:killall --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgKillall)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    await this.ui.action('Terminating connections for all credentials', () => platform.data.disconnect(addon.name))
  }
}
