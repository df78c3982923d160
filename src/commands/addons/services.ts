import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import type {AddOnService} from '../../lib/schema/resources.js'

export default class AddonsServices extends BaseCommand {
  static override description = 'list all available add-on services'
  static override examples = ['<%= config.bin %> addons:services']
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<AddOnService[]> {
    await this.parse(AddonsServices)
    const platform = await this.connect()
    const services = await platform.addons.services()
    if (this.jsonEnabled()) return services
    await this.ui.table(services, {
      Slug: service => this.ui.out.name(service.name),
      Name: service => service.human_name,
      State: service => service.state,
    })
    this.ui.log(`\nSee plans with ${this.ui.out.command(`${this.config.bin} addons:plans SERVICE`)}`)
    return services
  }
}
