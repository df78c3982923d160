import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, redis, redisArgs} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Platform} from '../../lib/client/platform.js'

export default class RedisPromote extends BaseCommand {
  static override description = `sets DATABASE as your REDIS_URL
The instance that was it keeps another name, which is made where it has none.`
  static override examples = ['<%= config.bin %> redis:promote redis-curved-12345 --app demo']
  static override args = redisArgs
  static override flags = {...appFlags, as: string({description: 'name for the Key-Value Store attachment', default: 'REDIS'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisPromote)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, redis)
    await this.keepReachable(platform, app, addon.name)
    this.ui.log(`Promoting ${addon.name} to REDIS_URL on ${app}`)
    await platform.addons.attach({addon: addon.name, app, name: flags.as, confirm: app})
  }

  private async keepReachable(platform: Platform, app: string, promoted: string): Promise<void> {
    const attachments = await platform.addons.attachmentsFor(app)
    const current = attachments.find(one => one.name === 'REDIS')
    if (current === undefined) return
    if (current.addon.name === promoted) throw new CommandError(`${promoted} is already promoted on ${app}`, {id: 'already_promoted'})
    const others = attachments.filter(one => one.addon.id === current.addon.id && one.name !== 'REDIS')
    if (others.length === 0) await platform.addons.attach({addon: current.addon.name, app, confirm: app})
  }
}
