import {text} from 'node:stream/consumers'
import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {answerGit} from '../../lib/cli/git-credentials.js'

export default class GitCredentials extends BaseCommand {
  static override description = 'internal command for git-credential'
  static override hidden = true
  static override args = {command: string({description: 'get, store or erase', required: true})}

  /** What the shell helper in a repository's config does (git-remote.ts), for whoever sets a helper up by hand. */
  async run(): Promise<void> {
    const {args} = await this.parse(GitCredentials)
    const question = await text(this.ui.options.stdin)
    if (args.command !== 'get') return
    for (const line of await answerGit(question, this.env)) this.ui.log(line)
  }
}
