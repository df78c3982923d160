import {string as argument} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class AddonsWait extends AddonCommand {
  static override description = 'show provisioning status of the add-ons on the app'
  static override examples = ['<%= config.bin %> addons:wait postgresql-cubed-12345', '<%= config.bin %> addons:wait --app demo']
  static override args = {addon: argument({description: 'unique identifier or globally unique name of the add-on'})}
  static override flags = {
    ...appFlags,
    'wait-interval': integer({description: 'how frequently to poll in seconds; sooner at first', default: 1, min: 1}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(AddonsWait)
    const {platform, app} = await this.optionalTarget(flags)
    const addons =
      args.addon !== undefined
        ? [await this.pickAddon(platform, args.addon, app)]
        : await (app === undefined ? platform.addons.listAll() : platform.addons.listFor(app))
    for (const addon of addons.filter(one => one.state === 'provisioning')) {
      const done = await this.waitForAddon(platform, addon, `Creating ${this.ui.err.name(addon.name)}`, flags['wait-interval'])
      this.ui.log(`Created ${this.ui.out.name(done.name)} as ${done.config_vars.map(one => this.ui.out.name(one)).join(', ')}`)
    }
  }
}
