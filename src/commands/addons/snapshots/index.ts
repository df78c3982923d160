import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {formatSize} from '../../../lib/cli/formats/size.js'
import {formatTime} from '../../../lib/cli/formats/time.js'
import type {AddonSnapshot} from '../../../lib/schema/addon-snapshot.js'

export default class AddonsSnapshots extends BaseCommand {
  static override description = `list what destroyed add-ons held
The data of an add-on is kept for seven days after it was destroyed, encrypted, also when its app was destroyed with it.`
  static override examples = ['<%= config.bin %> addons:snapshots', '<%= config.bin %> addons:snapshots --app demo --json']
  static override enableJsonFlag = true
  static override flags = {...jsonFlags, app: {...appFlags.app, description: 'only those of an app, which may be gone'}}

  async run(): Promise<AddonSnapshot[]> {
    const {flags} = await this.parse(AddonsSnapshots)
    const platform = await this.connect()
    const all = await platform.addonSnapshots.list()
    const found = flags.app === undefined ? all : all.filter(one => one.app.name === flags.app)
    if (this.jsonEnabled()) return found
    const {out} = this.ui
    if (found.length === 0) this.ui.log(flags.app === undefined ? 'No snapshots.' : `No snapshots of add-ons of ${out.app(flags.app)}.`)
    else
      await this.ui.table(found, {
        'Add-on': one => out.name(one.name),
        Plan: one => one.plan.name,
        App: one => out.app(one.app.name),
        Data: one => formatSize(one.data_bytes),
        Destroyed: one => formatTime(new Date(one.created_at)),
        'Kept until': one => formatTime(new Date(one.expires_at)),
      })
    return found
  }
}
