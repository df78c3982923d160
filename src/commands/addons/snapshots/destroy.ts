import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class AddonsSnapshotsDestroy extends BaseCommand {
  static override description = 'permanently destroy what a destroyed add-on held, before its seven days are over'
  static override examples = ['<%= config.bin %> addons:snapshots:destroy postgresql-cubed-12345 --confirm postgresql-cubed-12345']
  static override args = {snapshot: argument({required: true, description: 'name that the add-on had, or its id'})}
  static override flags = {
    confirm: string({char: 'c', description: 'name of the add-on, instead of a question', helpValue: 'ADDON'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsSnapshotsDestroy)
    const platform = await this.connect()
    const {id, name} = await platform.addonSnapshots.get(args.snapshot)
    const warning = `Destructive Action\nThis command destroys the last copy of the data of ${this.ui.err.name(name)}`
    await confirmApp(this.ui, {app: name, given: flags.confirm, warning})
    await this.ui.action(`Destroying the snapshot of ${this.ui.err.name(name)}`, () => platform.addonSnapshots.destroy(id))
  }
}
