import {string as argument} from '@oclif/core/args'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {stateWord} from '../../lib/cli/formats/addons.js'
import {hourlyPrice, monthlyPrice} from '../../lib/cli/formats/price.js'
import {formatTime} from '../../lib/cli/formats/time.js'
import type {FullAddOn} from '../../lib/client/addons.js'

export default class AddonsInfo extends AddonCommand {
  static override description = 'show detailed add-on resource and attachment information'
  static override examples = ['<%= config.bin %> addons:info postgresql-cubed-12345', '<%= config.bin %> addons:info DATABASE --app demo']
  static override enableJsonFlag = true
  static override args = {addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<FullAddOn> {
    const {flags, args} = await this.parse(AddonsInfo)
    const {platform, app} = await this.optionalTarget(flags)
    const addon = await this.pickAddon(platform, args.addon, app)
    if (this.jsonEnabled()) return addon
    const attachments = await platform.addons.attachmentsTo(addon.id)
    this.ui.header(this.ui.out.name(addon.name))
    this.ui.object({
      Plan: addon.plan.name,
      Price: hourlyPrice(addon.plan.price),
      'Max Price': monthlyPrice(addon.plan.price),
      Attachments: attachments.map(one => `${this.ui.out.app(one.app.name)}::${this.ui.out.name(one.name)}`).sort(),
      'Owning app': this.ui.out.app(addon.app.name),
      'Installed at': formatTime(new Date(addon.created_at)),
      State: stateWord(addon.state),
    })
    return addon
  }
}
