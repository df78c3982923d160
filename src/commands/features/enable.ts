import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class FeaturesEnable extends BaseCommand {
  static override description = 'enables an app feature'
  static override aliases = ['labs:enable']
  static override examples = ['<%= config.bin %> features:enable preboot --app demo']
  static override args = {feature: string({description: 'unique identifier or name of the app feature', required: true})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(FeaturesEnable)
    const {feature} = args
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Enabling ${this.ui.err.name(feature)} for ${this.ui.err.app(app)}`, async () => {
      const {enabled} = await platform.features.info(app, feature)
      if (enabled) throw new CommandError(`${feature} is already enabled.`)
      await platform.features.update(app, feature, {enabled: true})
    })
  }
}
