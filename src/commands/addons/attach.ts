import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class AddonsAttach extends AddonCommand {
  static override description = 'attach an existing add-on resource to an app'
  static override examples = ['<%= config.bin %> addons:attach postgresql-cubed-12345 --as BLUE --app other']
  static override args = {addon_name: argument({required: true, description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {
    ...appFlags,
    as: string({description: 'name for add-on attachment'}),
    confirm: string({description: 'overwrite existing add-on attachment with same name'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsAttach)
    const {platform, app} = await this.target(flags)
    const addon = await platform.addons.info(args.addon_name)
    const {err} = this.ui
    const as = flags.as === undefined ? '' : ` as ${err.name(flags.as)}`
    const attachment = await this.confirmed(app, flags.confirm, confirm =>
      this.ui.action(`Attaching ${err.name(addon.name)}${as} to ${err.app(app)}`, () =>
        platform.addons.attach({
          addon: addon.name,
          app,
          ...(flags.as !== undefined && {name: flags.as}),
          ...(confirm !== undefined && {confirm}),
        }),
      ),
    )
    await this.ui.action(
      `Setting ${err.name(attachment.name)} config vars and restarting ${err.app(app)}`,
      () => platform.releases.newest(app),
      release => `done, ${err.name(`v${release?.version}`)}`,
    )
  }
}
