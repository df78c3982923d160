import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {insideRepository, readRemotes} from '../../lib/cli/git.js'
import {appGitUrl, credentialHelper, installAccess, setRemote} from '../../lib/cli/git-remote.js'
import {namedApp} from '../../lib/cli/resolve-app.js'

export default class GitRemote extends BaseCommand {
  static override description =
    'adds a git remote to an app repo\nPushing to it asks for no password: the repository gets a credential helper for this URL alone.'
  static override examples = ['<%= config.bin %> git:remote -a demo', '<%= config.bin %> git:remote -a demo-staging -r staging']
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags} = await this.parse(GitRemote)
    const directory = process.cwd()
    const name = namedApp({app: flags.app, remote: undefined, env: this.env})
    if (name === undefined) throw usageError('Specify an app with --app')
    if (!(await insideRepository(directory))) throw new CommandError('Not a git repository: run git init first.')
    const platform = await this.connect()
    const app = await platform.apps.info(name)
    const remote = flags.remote ?? 'hokku'
    const url = appGitUrl(platform.status.git_url, app.name)
    const {remotes} = await readRemotes(directory)
    await setRemote(
      directory,
      remote,
      url,
      remotes.some(one => one.name === remote),
    )
    await installAccess(directory, {gitUrl: platform.status.git_url, helper: credentialHelper(this.env)})
    this.ui.log(`set git remote ${this.ui.out.name(remote)} to ${url}`)
  }
}
