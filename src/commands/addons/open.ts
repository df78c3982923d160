import {string as argument} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {openBrowser} from '../../lib/cli/open-browser.js'

export default class AddonsOpen extends AddonCommand {
  static override description = "open an add-on's dashboard in your browser"
  static override examples = ['<%= config.bin %> addons:open my-addon --app demo']
  static override args = {addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {...appFlags, 'show-url': boolean({description: 'show the URL, do not open the browser'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsOpen)
    const {platform, app} = await this.optionalTarget(flags)
    const {name, web_url: url, addon_service: service} = await this.pickAddon(platform, args.addon, app)
    if (url === null)
      throw new CommandError(`${name} has no dashboard: ${service.human_name} runs on this machine.`, {
        id: 'no_dashboard',
        suggestions: [`hokku addons:info ${name}`, `hokku addons:docs ${service.name}`],
      })
    if (flags['show-url']) return this.ui.log(url)
    const title = `Opening ${this.ui.err.name(url)}`
    const opened = await this.ui.action(
      title,
      () => openBrowser(url),
      done => (done ? 'done' : 'no browser here'),
    )
    if (!opened) this.ui.log(url)
  }
}
