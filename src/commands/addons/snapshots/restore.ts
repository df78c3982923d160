import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {AddonCommand} from '../../../lib/cli/addon-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {priceText} from '../../../lib/cli/formats/price.js'
import type {FullAddOn} from '../../../lib/client/addons.js'

export default class AddonsSnapshotsRestore extends AddonCommand {
  static override description = `create an add-on with what a destroyed one held
The new add-on has the credentials of the old one, on another port. The snapshot stays until its seven days are over.`
  static override examples = [
    '<%= config.bin %> addons:snapshots:restore postgresql-cubed-12345 --app demo',
    '<%= config.bin %> addons:snapshots:restore postgresql-cubed-12345 --as OLD --plan standard-0 --app demo',
  ]
  static override enableJsonFlag = true
  static override args = {snapshot: argument({required: true, description: 'name that the add-on had, or its id'})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    as: string({description: 'name for the add-on attachment'}),
    confirm: string({description: 'overwrite existing config vars or existing add-on attachments'}),
    name: string({description: 'name for the add-on resource'}),
    plan: string({description: 'plan of the new add-on, by default the one that the old one had'}),
  }

  async run(): Promise<FullAddOn> {
    const {flags, args} = await this.parse(AddonsSnapshotsRestore)
    const {platform, app} = await this.target(flags)
    const snapshot = await platform.addonSnapshots.get(args.snapshot)
    const [service] = snapshot.plan.name.split(':')
    const plan = flags.plan === undefined ? snapshot.plan.name : flags.plan.includes(':') ? flags.plan : `${service}:${flags.plan}`
    const {name, as} = flags
    const request = {plan, config: {snapshot: snapshot.id}, ...(name !== undefined && {name}), ...(as !== undefined && {as})}
    const created = await this.confirmed(app, flags.confirm, confirm =>
      this.ui.action(
        `Creating ${this.ui.err.name(plan)} on ${this.ui.err.app(app)} with the data of ${this.ui.err.name(snapshot.name)}`,
        () => platform.addons.create(app, {...request, ...(confirm !== undefined && {confirm})}),
        one => this.ui.err.number(priceText(one.plan.price)),
      ),
    )
    const addon = await this.waitForAddon(platform, created, `Waiting for ${this.ui.err.name(created.name)}`, 0.5)
    if (!this.jsonEnabled())
      this.ui.log(`Created ${this.ui.out.name(addon.name)} as ${addon.config_vars.map(one => this.ui.out.name(one)).join(', ')}`)
    return addon
  }
}
