import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class DrainsAdd extends BaseCommand {
  static override description = `add a log drain to an app
Every line of the app's log goes there, too: syslog://host:port, syslog+tls://host:port, http://host/path or https://host/path.`
  static override examples = [
    '<%= config.bin %> drains:add syslog+tls://logs.example.com:6514 --app demo',
    '<%= config.bin %> drains:add https://user:password@logs.example.com/drain --app demo',
  ]
  static override args = {url: string({description: 'where to send log lines', required: true})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(DrainsAdd)
    const {platform, app} = await this.target(flags)
    const {url} = await platform.logDrains.create(app, args.url)
    this.ui.log(`Successfully added drain ${this.ui.out.name(url)}`)
  }
}
