import {parseAssignments} from '../../lib/cli/assignments.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class ConfigSet extends BaseCommand {
  static override description = 'set one or more config vars'
  static override aliases = ['config:add']
  static override usage = 'config:set KEY=value... [-a <value>] [-r <value>]'
  static override examples = ['<%= config.bin %> config:set RAILS_ENV=staging RACK_ENV=staging --app demo']
  static override strict = false
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ConfigSet)
    const changes = parseAssignments(argv as string[], this.config.bin)
    const {platform, app} = await this.target(flags)
    const names = Object.keys(changes).map(this.ui.err.name).join(', ')
    const [configVars] = await this.ui.action(
      `Setting ${names} and restarting ${this.ui.err.app(app)}`,
      async () => [await platform.configVars.update(app, changes), await platform.releases.newest(app)] as const,
      ([, release]) => (release ? `done, ${this.ui.err.name(`v${release.version}`)}` : 'done'),
    )
    this.ui.object(Object.fromEntries(Object.keys(changes).map(key => [key, configVars[key]])))
  }
}
