import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class RedisStatsReset extends BaseCommand {
  static override description = 'reset all stats covered by RESETSTAT (https://redis.io/commands/config-resetstat)'
  static override examples = ['<%= config.bin %> redis:stats-reset --confirm demo --app demo']
  static override args = redisArgs
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisStatsReset)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, redis)
    const name = this.ui.err.name(addon.name)
    const warning = `WARNING: Irreversible action.\nAll stats covered by RESETSTAT will be reset on ${name}.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(
      `Resetting stats on ${name}`,
      () => platform.data.resetRedisStatistics(addon.name),
      ({message}) => message,
    )
  }
}
