import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {shellQuote} from '../../lib/cli/formats/styled.js'

export default class ConfigGet extends BaseCommand {
  static override description = 'display one or more config values of an app'
  static override enableJsonFlag = true
  static override usage = 'config:get KEY... [-j] [-s] [-a <value>] [-r <value>]'
  static override examples = ['<%= config.bin %> config:get RAILS_ENV --app demo']
  static override strict = false
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    shell: boolean({char: 's', description: 'output config vars in shell format'}),
  }

  async run(): Promise<Record<string, string | null>> {
    const {argv, flags} = await this.parse(ConfigGet)
    const keys = argv as string[]
    if (keys.length === 0) throw usageError(`Usage: ${this.config.bin} config:get KEY1 [KEY2 ...]\nMust specify KEY to get.`)
    const {platform, app} = await this.target(flags)
    const configVars = await platform.configVars.list(app)
    if (!this.jsonEnabled())
      for (const key of keys) this.ui.log(flags.shell ? `${key}=${shellQuote(configVars[key] ?? '')}` : (configVars[key] ?? ''))
    return Object.fromEntries(keys.map(key => [key, configVars[key] ?? null]))
  }
}
