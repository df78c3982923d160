import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class DrainsRemove extends BaseCommand {
  static override description = 'remove a log drain from an app'
  static override examples = ['<%= config.bin %> drains:remove syslog+tls://logs.example.com:6514 --app demo']
  static override args = {url: string({description: 'URL, token or id of the drain', required: true})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(DrainsRemove)
    const {platform, app} = await this.target(flags)
    const {url} = await platform.logDrains.destroy(app, args.url)
    this.ui.log(`Successfully removed drain ${this.ui.out.name(url)}`)
  }
}
