import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {string as argument} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Platform} from '../../lib/client/platform.js'
import {PlatformError} from '../../lib/schema/errors.js'

export default class AddonsDocs extends AddonCommand {
  static override description = `show the documentation of an add-on service
What hokku's own says: plans, config vars, and what differs from Heroku's. --show-url tells where Heroku's is.`
  static override examples = ['<%= config.bin %> addons:docs heroku-postgresql']
  static override args = {addon: argument({required: true, description: 'name of the add-on service or of an add-on'})}
  static override flags = {...appFlags, 'show-url': boolean({description: "show the URL of Heroku's documentation"})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsDocs)
    const {platform, app} = await this.optionalTarget(flags)
    const service = await this.serviceOf(platform, args.addon, app)
    if (flags['show-url']) return this.ui.log(`https://devcenter.heroku.com/articles/${service}`)
    this.ui.log((await readFile(join(this.config.root, 'addons', service, 'README.md'), 'utf8')).trimEnd())
  }

  private async serviceOf(platform: Platform, name: string, app: string | undefined): Promise<string> {
    try {
      return (await platform.addons.service(name.split(':')[0] as string)).name
    } catch (error) {
      if (!(error instanceof PlatformError) || error.id !== 'not_found') throw error
      return (await this.pickAddon(platform, name, app)).addon_service.name
    }
  }
}
