import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {queryArgs, queryFlags} from '../../lib/cli/query-command.js'

export default class PgStatsReset extends BaseCommand {
  static override description = 'calls the Postgres function pg_stat_reset()'
  static override examples = ['<%= config.bin %> pg:stats-reset --app demo']
  static override args = queryArgs
  static override flags = {...queryFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgStatsReset)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    this.ui.log((await platform.data.resetStatistics(addon.name)).message)
  }
}
