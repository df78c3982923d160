import {text} from 'node:stream/consumers'
import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {answerGit} from '../../lib/cli/git-credentials.js'

export default class GitCredentials extends BaseCommand {
  static override description = 'internal command for git-credential'
  static override hidden = true
  static override args = {command: string({description: 'get, store or erase', required: true})}

  /** Repositories set up before src/git-credentials.ts ask here, as do checkouts that are not built. */
  async run(): Promise<void> {
    const {args} = await this.parse(GitCredentials)
    const question = await text(this.ui.options.stdin)
    if (args.command !== 'get') return
    for (const line of await answerGit(question, this.env)) this.ui.log(line)
  }
}
