import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {AppFeature} from '../../lib/client/features.js'

export default class FeaturesInfo extends BaseCommand {
  static override description = 'display information about a feature'
  static override aliases = ['labs:info']
  static override examples = ['<%= config.bin %> features:info preboot --app demo']
  static override enableJsonFlag = true
  static override args = {feature: string({description: 'unique identifier or name of the app feature', required: true})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<AppFeature> {
    const {flags, args} = await this.parse(FeaturesInfo)
    const {platform, app} = await this.target(flags)
    const feature = await platform.features.info(app, args.feature)
    if (this.jsonEnabled()) return feature
    this.ui.header(feature.name)
    this.ui.object({Description: feature.description, Docs: feature.doc_url, Enabled: feature.enabled})
    return feature
  }
}
