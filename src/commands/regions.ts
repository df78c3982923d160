import {BaseCommand} from '../lib/cli/base-command.js'
import {jsonFlags} from '../lib/cli/flags.js'
import type {Region} from '../lib/client/catalog.js'

export default class Regions extends BaseCommand {
  static override description = 'list available regions for deployment'
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<Region[]> {
    await this.parse(Regions)
    const platform = await this.connect()
    const regions = await platform.catalog.regions()
    if (this.jsonEnabled()) return regions
    await this.ui.table(regions, {ID: region => region.name, Location: region => region.description})
    return regions
  }
}
