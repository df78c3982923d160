import {string as argument} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {chosenDatabases, redis} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import {waitForDatabase} from '../../lib/cli/wait-for-database.js'

export default class RedisWait extends BaseCommand {
  static override description = 'wait for Redis instance to be available'
  static override examples = ['<%= config.bin %> redis:wait --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database; all when left out'})}
  static override flags = {
    ...appFlags,
    'wait-interval': integer({description: 'how frequently to poll in seconds; sooner at first', default: 1, min: 1}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisWait)
    const {platform, app} = await this.target(flags)
    for (const {addon} of await chosenDatabases(platform, app, args.database, redis))
      await waitForDatabase(this.ui, addon.name, () => platform.data.redisStatus(addon.name), flags['wait-interval'])
  }
}
