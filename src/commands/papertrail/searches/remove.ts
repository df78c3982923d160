import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class PapertrailSearchesRemove extends BaseCommand {
  static override description = 'remove a saved search of Papertrail, and its alert'
  static override examples = ['<%= config.bin %> papertrail:searches:remove "server errors" --app demo --confirm demo']
  static override args = {search: argument({required: true, description: 'name of the search'})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PapertrailSearchesRemove)
    const {platform, app} = await this.target(flags)
    const warning = `Destructive Action\nThis command removes the saved search ${this.ui.err.name(args.search)} and its alert`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(`Removing ${this.ui.err.name(args.search)} from ${this.ui.err.app(app)}`, () =>
      platform.papertrail.remove(app, args.search),
    )
  }
}
