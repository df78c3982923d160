import {string} from '@oclif/core/flags'
import {parseAssignments} from '../../lib/cli/assignments.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {readEnvFile, readEnvStream} from '../../lib/cli/env-file.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class ConfigSet extends BaseCommand {
  static override description = `set one or more config vars
From words, from a .env file, or from stdin (-); a word comes before what a file says. All of them make one release.`
  static override aliases = ['config:add']
  static override usage = 'config:set [KEY=value...] [--file <value>] [-] [-a <value>] [-r <value>]'
  static override examples = [
    '<%= config.bin %> config:set RAILS_ENV=staging RACK_ENV=staging --app demo',
    '<%= config.bin %> config:set --file .env --app demo',
    '<%= config.bin %> config --shell --app demo | <%= config.bin %> config:set - --app other',
  ]
  static override strict = false
  static override flags = {...appFlags, file: string({description: 'file with KEY=value lines'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ConfigSet)
    const changes = await this.changes(argv as string[], flags.file)
    const {platform, app} = await this.target(flags)
    const names = Object.keys(changes).map(this.ui.err.name).join(', ')
    const [configVars] = await this.ui.action(
      `Setting ${names} and restarting ${this.ui.err.app(app)}`,
      async () => [await platform.configVars.update(app, changes), await platform.releases.newest(app)] as const,
      ([, release]) => (release ? `done, ${this.ui.err.name(`v${release.version}`)}` : 'done'),
    )
    this.ui.object(Object.fromEntries(Object.keys(changes).map(key => [key, configVars[key]])))
  }

  private async changes(words: string[], file: string | undefined): Promise<Record<string, string>> {
    const assignments = words.filter(word => word !== '-')
    if (words.length === 0 && file === undefined)
      throw usageError(`Usage: ${this.config.bin} config:set KEY1=VALUE1 [KEY2=VALUE2 ...]\nMust specify KEY and VALUE to set.`)
    return {
      ...(file === undefined ? {} : await readEnvFile(file)),
      ...(assignments.length === words.length ? {} : await readEnvStream(this.ui.options.stdin)),
      ...parseAssignments(assignments),
    }
  }
}
