import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {App} from '../../lib/schema/resources.js'

export default class Maintenance extends BaseCommand {
  static override description = 'display the current maintenance status of app'
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<App> {
    const {flags} = await this.parse(Maintenance)
    const {platform, app} = await this.target(flags)
    const found = await platform.apps.info(app)
    if (!this.jsonEnabled()) this.ui.log(found.maintenance ? 'on' : 'off')
    return found
  }
}
