import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {gitInTerminal} from '../../lib/cli/git.js'
import {accessSettings, appGitUrl, credentialHelper} from '../../lib/cli/git-remote.js'

export default class GitClone extends BaseCommand {
  static override description = 'clones an app to your local machine at DIRECTORY (defaults to app name)'
  static override examples = ['<%= config.bin %> git:clone -a demo']
  static override args = {directory: string({description: 'where to clone the app', required: false})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(GitClone)
    const {platform, app: name} = await this.target({app: flags.app})
    const app = await platform.apps.info(name)
    const access = {gitUrl: platform.status.git_url, helper: credentialHelper(this.env)}
    const settings = accessSettings(access).flatMap(([key, value]) => ['--config', `${key}=${value}`])
    const url = appGitUrl(access.gitUrl, app.name)
    await gitInTerminal('clone', '--origin', flags.remote ?? 'hokku', ...settings, url, args.directory ?? app.name)
  }
}
