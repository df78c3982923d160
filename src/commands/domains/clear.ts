import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class DomainsClear extends BaseCommand {
  static override description = 'remove all domains from an app'
  static override examples = ['<%= config.bin %> domains:clear --app demo --confirm demo']
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags} = await this.parse(DomainsClear)
    const {platform, app} = await this.target(flags)
    const custom = (await platform.domains.list(app)).filter(({kind}) => kind === 'custom')
    const shown = this.ui.err.app(app)
    if (custom.length > 0)
      await confirmApp(this.ui, {app, given: flags.confirm, warning: `This will remove ${custom.length} domains from ${shown}.`})
    await this.ui.action(`Removing all domains from ${shown}`, async () => {
      for (const {hostname} of custom) await platform.domains.destroy(app, hostname)
    })
  }
}
