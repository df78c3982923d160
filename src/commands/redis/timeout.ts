import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class RedisTimeout extends BaseCommand {
  static override description = `set the number of seconds to wait before killing idle connections
A value of zero means that connections will not be closed.`
  static override examples = ['<%= config.bin %> redis:timeout --seconds 60 --app demo']
  static override args = redisArgs
  static override flags = {...appFlags, seconds: integer({char: 's', description: 'set timeout value', required: true})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisTimeout)
    const {platform, app} = await this.target(flags)
    const {addon, configVars} = await findDatabase(platform, app, args.database, redis)
    const {timeout} = await platform.data.configureRedis(addon.name, {timeout: flags.seconds})
    this.ui.log(`Timeout for ${addon.name} (${configVars.join(', ')}) set to ${timeout.value} seconds.`)
    this.ui.log(
      timeout.value === 0
        ? 'Connections to the Redis instance can idle indefinitely.'
        : `Connections to the Redis instance will be stopped after idling for ${timeout.value} seconds.`,
    )
  }
}
