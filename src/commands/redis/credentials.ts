import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class RedisCredentials extends BaseCommand {
  static override description = `display credentials information
With --reset the password changes: the server starts again, connections are reset, and every app it is attached to is released.`
  static override examples = ['<%= config.bin %> redis:credentials --app demo', '<%= config.bin %> redis:credentials --reset --app demo']
  static override args = redisArgs
  static override flags = {...appFlags, reset: boolean({description: 'reset credentials'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisCredentials)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, redis)
    if (!flags.reset) return this.ui.log((await platform.data.redis(addon.name)).resource_url ?? '')
    this.ui.log(`Resetting credentials for ${this.ui.out.name(addon.name)}`)
    await platform.data.rotateRedis(addon.name)
  }
}
