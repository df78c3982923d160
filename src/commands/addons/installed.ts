import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {formatTime} from '../../lib/cli/formats/time.js'
import type {InstalledService} from '../../lib/schema/installed-service.js'

export default class AddonsInstalled extends BaseCommand {
  static override description = 'list the add-on services that were installed from a folder'
  static override examples = ['<%= config.bin %> addons:installed']
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<InstalledService[]> {
    await this.parse(AddonsInstalled)
    const platform = await this.connect()
    const installed = await platform.addonServices.list()
    if (this.jsonEnabled()) return installed
    if (installed.length === 0) this.ui.log('No services were installed. See those that come with it with addons:services.')
    else
      await this.ui.table(installed, {
        Slug: one => this.ui.out.name(one.name),
        Name: one => one.human_name,
        'Run by': one => (one.partner === undefined ? 'this machine' : new URL(one.partner.base_url).host),
        Plans: one => one.plans.length,
        'Add-ons': one => one.addons.length,
        Installed: one => formatTime(new Date(one.installed_at)),
      })
    return installed
  }
}
