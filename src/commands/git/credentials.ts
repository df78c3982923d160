import {text} from 'node:stream/consumers'
import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {asksFor, credentialAnswer} from '../../lib/cli/git-credentials.js'
import {findRuntime} from '../../lib/client/connect.js'

export default class GitCredentials extends BaseCommand {
  static override description = 'internal command for git-credential'
  static override hidden = true
  static override args = {command: string({description: 'get, store or erase', required: true})}

  /** Answers only about our own host, and never starts a runtime: git asks because one has answered 401. */
  async run(): Promise<void> {
    const {args} = await this.parse(GitCredentials)
    const question = await text(this.ui.options.stdin)
    if (args.command !== 'get') return
    const platform = await findRuntime(this.env)
    if (!platform?.status.token || !asksFor(question, platform.status.git_url)) return
    for (const line of credentialAnswer(platform.status.token)) this.ui.log(line)
  }
}
