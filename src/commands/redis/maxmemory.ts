import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class RedisMaxmemory extends BaseCommand {
  static override description = `set the key eviction policy when instances reach their storage limit
Available policies for key eviction include:

noeviction      # returns errors when memory limit is reached
allkeys-lfu     # removes less frequently used keys first
volatile-lfu    # removes less frequently used keys first that have an expiry set
allkeys-lru     # removes less recently used keys first
volatile-lru    # removes less recently used keys first that have an expiry set
allkeys-random  # evicts random keys
volatile-random # evicts random keys but only those that have an expiry set
volatile-ttl    # only evicts keys with an expiry set and a short TTL`
  static override examples = ['<%= config.bin %> redis:maxmemory --policy volatile-lru --app demo']
  static override args = redisArgs
  static override flags = {...appFlags, policy: string({char: 'p', description: 'set policy name', required: true})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisMaxmemory)
    const {platform, app} = await this.target(flags)
    const {addon, configVars} = await findDatabase(platform, app, args.database, redis)
    const {maxmemory_policy: set} = await platform.data.configureRedis(addon.name, {maxmemory_policy: flags.policy})
    this.ui.log(`Maxmemory policy for ${addon.name} (${configVars.join(', ')}) set to ${set.value}.`)
    this.ui.log(`${set.value} ${set.values[set.value]}.`)
  }
}
