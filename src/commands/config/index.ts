import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {shellQuote} from '../../lib/cli/formats/styled.js'
import type {ConfigVars} from '../../lib/schema/resources.js'

export default class Config extends BaseCommand {
  static override description = 'display the config vars for an app'
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    shell: boolean({char: 's', description: 'output config vars in shell format'}),
  }

  async run(): Promise<ConfigVars> {
    const {flags} = await this.parse(Config)
    const {platform, app} = await this.target(flags)
    const configVars = await platform.configVars.list(app)
    if (this.jsonEnabled()) return configVars
    const sorted = Object.entries(configVars).sort(([a], [b]) => (a < b ? -1 : 1))
    if (flags.shell) for (const [key, value] of sorted) this.ui.log(`${key}=${shellQuote(value)}`)
    else this.show(app, sorted)
    return configVars
  }

  private show(app: string, configVars: [string, string][]): void {
    if (configVars.length === 0) {
      this.ui.log(`${this.ui.out.app(app)} has no config vars.`)
      return
    }
    this.ui.header(`${this.ui.out.app(app)} Config Vars`)
    this.ui.object(Object.fromEntries(configVars))
  }
}
