import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {AppFeature} from '../../lib/client/features.js'

export default class Features extends BaseCommand {
  static override description = 'list available app features'
  static override aliases = ['labs']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<AppFeature[]> {
    const {flags} = await this.parse(Features)
    const {platform, app} = await this.target(flags)
    const features = await platform.features.list(app)
    if (!this.jsonEnabled()) this.show(app, features)
    return features
  }

  private show(app: string, features: AppFeature[]): void {
    const {out} = this.ui
    const sorted = [...features].sort((a, b) => a.name.localeCompare(b.name))
    const longest = Math.max(0, ...sorted.map(({name}) => name.length))
    this.ui.header(`App Features ${out.app(app)}`)
    for (const {name, enabled, description} of sorted) {
      const line = `${enabled ? '[+]' : '[ ]'} ${name.padEnd(longest)}`
      this.ui.log(`${enabled ? out.number(line) : line}  ${description}`)
    }
  }
}
