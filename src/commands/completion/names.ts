import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import {readRemotes} from '../../lib/cli/git.js'
import {appOfRemotes, namedApp} from '../../lib/cli/resolve-app.js'
import {findRuntime} from '../../lib/client/connect.js'
import type {Platform} from '../../lib/client/platform.js'

/** Asked by the scripts of `completion`. Starts no runtime; without one there are no names. */
export default class CompletionNames extends BaseCommand {
  static override hidden = true
  static override description = 'names for shell completion'
  static override args = {what: string({required: true, options: ['apps', 'dynos']})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(CompletionNames)
    const platform = await findRuntime(this.env)
    if (platform === undefined) return
    const found = args.what === 'apps' ? await platform.apps.list() : await platform.dynos.list(await this.appInQuestion(platform, flags))
    for (const {name} of found) this.ui.log(name)
  }

  private async appInQuestion(platform: Platform, flags: {app?: string | undefined; remote?: string | undefined}): Promise<string> {
    const question = {app: flags.app, remote: flags.remote, env: this.env}
    const places = {gitUrl: platform.status.git_url, gitDirectory: platform.home.git}
    return namedApp(question) ?? appOfRemotes(question, await readRemotes(process.cwd()), places)
  }
}
