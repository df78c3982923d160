import {join} from 'node:path'
import {string as argument} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {openBrowser} from '../../lib/cli/open-browser.js'
import {signOnPage} from '../../lib/cli/sign-on-page.js'
import {PlatformError} from '../../lib/schema/errors.js'

export default class AddonsOpen extends AddonCommand {
  static override description =
    "open an add-on's dashboard in your browser: a page of its server, or the partner's that runs it, where you are signed in"
  static override examples = ['<%= config.bin %> addons:open my-addon --app demo']
  static override args = {addon: argument({required: true, description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {...appFlags, 'show-url': boolean({description: 'show the URL, do not open the browser'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsOpen)
    const {platform, app} = await this.optionalTarget(flags)
    const {name, config_vars: configVars, addon_service: service} = await this.pickAddon(platform, args.addon, app)
    const {
      url: address,
      user,
      form,
    } = await platform.addons.page(name, app).catch(error => {
      if (!(error instanceof PlatformError && error.id === 'not_found')) throw error
      throw new CommandError(`${name} has no dashboard: ${service.human_name} runs on this machine.`, {
        id: 'no_dashboard',
        suggestions: [`hokku addons:info ${name}`, `hokku addons:docs ${service.name}`],
      })
    })
    if (user !== undefined) {
      const telling = configVars.filter(one => /_(PASSWORD|TOKEN)$/.test(one))
      const named = telling.length > 0 ? telling : configVars
      this.ui.note(`Sign in as ${this.ui.err.name(user)}, with the password in ${named.join(', ')}.`)
    }
    const url = form === undefined ? address : await signOnPage(join(platform.home.root, 'cache'), address, form)
    if (flags['show-url']) return this.ui.log(url)
    const title = `Opening ${this.ui.err.name(address)}`
    const opened = await this.ui.action(
      title,
      () => openBrowser(url),
      done => (done ? 'done' : 'no browser here'),
    )
    if (!opened) this.ui.log(url)
  }
}
