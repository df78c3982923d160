import {string as argument} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'
import {noteSnapshots} from '../../lib/cli/snapshots.js'
import type {FullAddOn} from '../../lib/client/addons.js'
import type {Platform} from '../../lib/client/platform.js'

export default class AddonsDestroy extends AddonCommand {
  static override description = `permanently destroy an add-on resource
Its data is kept for seven days: addons:snapshots lists it, addons:snapshots:restore brings it back.`
  static override usage = 'addons:destroy ADDON...'
  static override examples = ['<%= config.bin %> addons:destroy postgresql-cubed-12345 --confirm demo']
  static override aliases = ['addons:remove']
  static override strict = false
  static override args = {addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {
    ...appFlags,
    ...confirmFlags,
    force: boolean({char: 'f', description: 'allow destruction even if connected to other apps'}),
    wait: boolean({description: 'watch add-on destruction status and exit when complete', hidden: true}),
  }

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(AddonsDestroy)
    const {platform, app} = await this.optionalTarget(flags)
    const addons: FullAddOn[] = []
    for (const identity of argv as string[]) {
      const addon = await this.pickAddon(platform, identity, app)
      if (app !== undefined && addon.app.name !== app && flags.app !== undefined)
        throw new CommandError(`${addon.name} is on ${addon.app.name} not ${app}`)
      addons.push(addon)
    }
    for (const owner of new Set(addons.map(addon => addon.app.name)))
      await confirmApp(this.ui, {
        app: owner,
        given: flags.confirm,
        warning: `Destructive Action\nThis command will affect the app ${this.ui.err.app(owner)}`,
      })
    for (const addon of addons) await this.destroy(platform, addon, flags.force)
    noteSnapshots(
      this.ui,
      await platform.addonSnapshots.list(),
      addons.map(one => one.id),
    )
  }

  private async destroy(platform: Platform, addon: FullAddOn, force: boolean): Promise<void> {
    const {state} = await this.ui.action(
      `Destroying ${this.ui.err.name(addon.name)} on ${this.ui.err.app(addon.app.name)}`,
      () => platform.addons.destroy(addon.app.id, addon.id, force),
      one => (one.state === 'deprovisioning' ? 'pending' : 'done'),
    )
    if (state === 'deprovisioning') this.ui.log(`${this.ui.out.name(addon.name)} is being destroyed in the background.`)
  }
}
