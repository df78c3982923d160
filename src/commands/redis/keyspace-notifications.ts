import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class RedisKeyspaceNotifications extends BaseCommand {
  static override description = `set the keyspace notifications configuration
Set the configuration to enable keyspace notification events:
K     Keyspace events, published with __keyspace@<db>__ prefix.
E     Keyevent events, published with __keyevent@<db>__ prefix.
g     Generic commands (non-type specific) like DEL, EXPIRE, RENAME, ...
$     String commands
l     List commands
s     Set commands
h     Hash commands
z     Sorted set commands
t     Stream commands
x     Expired events (events generated every time a key expires)
e     Evicted events (events generated when a key is evicted for maxmemory)
m     Key miss events (events generated when a key that doesn't exist is accessed)
A     Alias for "g$lshztxe", so that the "AKE" string means all the events except "m".

pass an empty string ('') to disable keyspace notifications`
  static override examples = ['<%= config.bin %> redis:keyspace-notifications --config AKE --app demo']
  static override args = redisArgs
  static override flags = {
    ...appFlags,
    config: string({char: 'c', description: 'set keyspace notifications configuration', required: true}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisKeyspaceNotifications)
    const {platform, app} = await this.target(flags)
    const {addon, configVars} = await findDatabase(platform, app, args.database, redis)
    const {notify_keyspace_events: set} = await platform.data.configureRedis(addon.name, {notify_keyspace_events: flags.config})
    this.ui.log(`Keyspace notifications for ${addon.name} (${configVars.join(', ')}) set to '${set.value}'.`)
  }
}
