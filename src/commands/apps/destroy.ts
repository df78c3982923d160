import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {git, readRemotes} from '../../lib/cli/git.js'
import {confirmApp} from '../../lib/cli/prompts.js'
import {appRemotes} from '../../lib/cli/resolve-app.js'
import {noteSnapshots} from '../../lib/cli/snapshots.js'

export default class AppsDestroy extends BaseCommand {
  static override description = `permanently destroy an app
This will also destroy all add-ons on the app. Their data is kept for seven days: addons:snapshots lists it.`
  static override aliases = ['destroy', 'apps:delete']
  static override args = {app: string({description: 'name of app to destroy', hidden: true})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AppsDestroy)
    const {platform, app} = await this.target({...flags, app: args.app ?? flags.app})
    // An app that is not there must not ask for a confirmation first.
    await platform.apps.info(app)
    const warning = `This will delete ${this.ui.err.app(app)} including all add-ons.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    const addons = (await platform.addons.listFor(app)).map(one => one.id)
    await this.ui.action(`Destroying ${this.ui.err.app(app)} (including all add-ons)`, () => platform.apps.destroy(app))
    if (addons.length > 0) noteSnapshots(this.ui, await platform.addonSnapshots.list(), addons)
    const {remotes} = await readRemotes(process.cwd())
    const places = {gitUrl: platform.status.git_url, gitDirectory: platform.home.git}
    for (const remote of appRemotes(remotes, places).filter(one => one.app === app)) await git(process.cwd(), 'remote', 'rm', remote.name)
  }
}
