import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {bashScript} from '../../lib/cli/completion/bash.js'
import {fishScript} from '../../lib/cli/completion/fish.js'
import {completionWords, type Manifest} from '../../lib/cli/completion/words.js'
import {zshScript} from '../../lib/cli/completion/zsh.js'

const scripts = {bash: bashScript, zsh: zshScript, fish: fishScript}

export default class Completion extends BaseCommand {
  static override description = `print a script that completes commands, flags, apps and dynos in your shell
Put the line of your shell into its start file: ~/.bashrc, ~/.zshrc (after compinit), ~/.config/fish/config.fish.`
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    'eval "$(<%= config.bin %> completion zsh)"',
    '<%= config.bin %> completion fish | source',
  ]
  static override args = {shell: string({description: 'bash, zsh or fish', required: true, options: Object.keys(scripts)})}

  async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    const manifest = JSON.parse(await readFile(join(this.config.root, 'oclif.manifest.json'), 'utf8')) as Manifest
    const script = scripts[args.shell as keyof typeof scripts]
    this.ui.log(script(completionWords(manifest), this.config.bin).trimEnd())
  }
}
