import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class ConfigUnset extends BaseCommand {
  static override description = 'unset one or more config vars'
  static override aliases = ['config:remove']
  static override usage = 'config:unset KEY... [-a <value>] [-r <value>]'
  static override examples = ['<%= config.bin %> config:unset RAILS_ENV RACK_ENV --app demo']
  static override strict = false
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ConfigUnset)
    const keys = argv as string[]
    if (keys.length === 0) throw usageError(`Usage: ${this.config.bin} config:unset KEY1 [KEY2 ...]\nMust specify KEY to unset.`)
    const {platform, app} = await this.target(flags)
    const names = keys.map(this.ui.err.name).join(', ')
    await this.ui.action(
      `Unsetting ${names} and restarting ${this.ui.err.app(app)}`,
      async () => {
        await platform.configVars.update(app, Object.fromEntries(keys.map(key => [key, null])))
        return platform.releases.newest(app)
      },
      release => (release ? `done, ${this.ui.err.name(`v${release.version}`)}` : 'done'),
    )
  }
}
