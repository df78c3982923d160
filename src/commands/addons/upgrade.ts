import {string as argument} from '@oclif/core/args'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {priceText} from '../../lib/cli/formats/price.js'

export default class AddonsUpgrade extends AddonCommand {
  static override description = `change add-on plan
The add-on restarts with the limits of its new plan; its data stays.`
  static override examples = ['<%= config.bin %> addons:upgrade postgresql-cubed-12345 heroku-postgresql:standard-0 --app demo']
  static override aliases = ['addons:downgrade']
  static override args = {
    addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'}),
    plan: argument({required: true, description: 'unique identifier or name of the plan'}),
  }
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsUpgrade)
    const {platform, app} = await this.optionalTarget(flags)
    const addon = await this.pickAddon(platform, args.addon, app)
    const plan = args.plan.includes(':') ? args.plan : `${addon.addon_service.name}:${args.plan}`
    const {err} = this.ui
    await this.ui.action(
      `Changing ${err.name(addon.name)} on ${err.app(addon.app.name)} from ${err.name(addon.plan.name)} to ${err.name(plan)}`,
      () => platform.addons.changePlan(addon.app.name, addon.name, plan),
      changed => `done, ${err.number(priceText(changed.plan.price))}`,
    )
  }
}
