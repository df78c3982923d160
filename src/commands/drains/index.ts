import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {LogDrain} from '../../lib/schema/resources.js'

export default class Drains extends BaseCommand {
  static override description = 'display the log drains of an app'
  static override examples = ['<%= config.bin %> drains --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<LogDrain[]> {
    const {flags} = await this.parse(Drains)
    const {platform, app} = await this.target(flags)
    const drains = await platform.logDrains.list(app)
    if (this.jsonEnabled() || drains.length === 0) return drains
    this.ui.header('Drains')
    for (const {url, token} of drains) this.ui.log(`${url} (${token})`)
    return drains
  }
}
