import {boolean} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {addonColumns, addonRows, shortPlan, stateWord} from '../../lib/cli/formats/addons.js'
import {hourlyPrice, monthlyPrice} from '../../lib/cli/formats/price.js'
import type {FullAddOn} from '../../lib/client/addons.js'
import type {Platform} from '../../lib/client/platform.js'

export default class Addons extends AddonCommand {
  static override description = `list your add-ons and attachments
The default filter applied depends on whether you are in an app directory. If so, the --app flag is implied. If not, the default of --all is implied.`
  static override examples = ['<%= config.bin %> addons --all', '<%= config.bin %> addons --app demo']
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    all: boolean({char: 'A', description: 'show add-ons and attachments for all accessible apps'}),
  }

  async run(): Promise<FullAddOn[]> {
    const {flags} = await this.parse(Addons)
    const {platform, app} = flags.all ? {platform: await this.connect(), app: undefined} : await this.optionalTarget(flags)
    return app === undefined ? this.showAll(platform) : this.showApp(platform, app)
  }

  private async showApp(platform: Platform, app: string): Promise<FullAddOn[]> {
    const addons = await platform.addons.listFor(app)
    if (this.jsonEnabled()) return addons
    const attachments = (await Promise.all(addons.map(addon => platform.addons.attachmentsTo(addon.id)))).flat()
    const name = this.ui.out.app(app)
    if (addons.length === 0) {
      this.ui.log(`No add-ons for app ${name}.`)
      return addons
    }
    await this.ui.table(addonRows(sorted(addons), attachments, app, this.ui.out), addonColumns(app, this.ui.out))
    this.ui.log(`\nThe table above shows add-ons and the attachments to the current app (${name}) or other apps.`)
    return addons
  }

  private async showAll(platform: Platform): Promise<FullAddOn[]> {
    const addons = await platform.addons.listAll()
    if (this.jsonEnabled()) return addons
    if (addons.length === 0) this.ui.log('No add-ons.')
    else
      await this.ui.table(sorted(addons), {
        'Owning App': addon => this.ui.out.app(addon.app.name),
        'Add-on': addon => this.ui.out.name(addon.name),
        Plan: addon => `${addon.addon_service.name}:${shortPlan(addon)}`,
        Price: addon => hourlyPrice(addon.plan.price),
        'Max Price': addon => monthlyPrice(addon.plan.price),
        State: addon => stateWord(addon.state),
      })
    return addons
  }
}

function sorted(addons: FullAddOn[]): FullAddOn[] {
  const key = (addon: FullAddOn): string => `${addon.app.name} ${addon.plan.name} ${addon.name}`
  return addons.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
