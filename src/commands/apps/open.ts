import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {openBrowser} from '../../lib/cli/open-browser.js'

export default class AppsOpen extends BaseCommand {
  static override description = 'open the app in a web browser'
  static override aliases = ['open']
  static override examples = ['<%= config.bin %> open -a demo', '<%= config.bin %> open -a demo /signup']
  static override args = {path: string({description: 'path to open, relative to the app', required: false})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AppsOpen)
    const {platform, app} = await this.target(flags)
    const {web_url: webUrl} = await platform.apps.info(app)
    const url = new URL(args.path ?? '', webUrl).href
    const opened = await this.ui.action(
      `Opening ${this.ui.err.app(app)}`,
      () => openBrowser(url),
      done => (done ? 'done' : 'no browser here'),
    )
    if (!opened) this.ui.log(url)
  }
}
