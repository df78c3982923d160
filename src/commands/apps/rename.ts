import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {readRemotes} from '../../lib/cli/git.js'
import {appGitUrl, setRemote} from '../../lib/cli/git-remote.js'
import {appRemotes} from '../../lib/cli/resolve-app.js'

export default class AppsRename extends BaseCommand {
  static override description = 'rename an app\nGit remotes of the repository in this directory are updated as well.'
  static override aliases = ['rename']
  static override args = {newname: string({description: 'new unique name of the app', required: true})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AppsRename)
    const {platform, app: old} = await this.target(flags)
    const title = `Renaming ${this.ui.err.app(old)} to ${this.ui.err.name(args.newname)}`
    const app = await this.ui.action(title, () => platform.apps.update(old, {name: args.newname}))
    const gitUrl = appGitUrl(platform.status.git_url, app.name)
    this.ui.log(`${app.web_url} | ${gitUrl}`)
    const {remotes} = await readRemotes(process.cwd())
    const places = {gitUrl: platform.status.git_url, gitDirectory: platform.home.git}
    for (const remote of appRemotes(remotes, places).filter(one => one.app === old)) {
      await setRemote(process.cwd(), remote.name, gitUrl, true)
      this.ui.log(`Git remote ${remote.name} updated`)
    }
    this.ui.warn("Don't forget to update git remotes for all other local checkouts of the app.")
  }
}
