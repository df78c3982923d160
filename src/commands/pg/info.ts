import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {chosenDatabases, noDatabases, postgres} from '../../lib/cli/database.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {DatabaseInfo} from '../../lib/client/data.js'

export default class PgInfo extends BaseCommand {
  static override description = 'show database information'
  static override examples = ['<%= config.bin %> pg:info --app demo']
  static override aliases = ['pg']
  static override enableJsonFlag = true
  static override args = {database: argument({description: 'config var, attachment or name of the database; all when left out'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<DatabaseInfo[]> {
    const {flags, args} = await this.parse(PgInfo)
    const {platform, app} = await this.target(flags)
    const databases = await chosenDatabases(platform, app, args.database, postgres)
    const infos = await Promise.all(databases.map(({addon}) => platform.data.database(addon.name)))
    if (this.jsonEnabled()) return infos
    if (infos.length === 0) this.ui.log(noDatabases(this.ui.out.app(app), postgres))
    infos.forEach((info, at) => {
      this.ui.header((databases[at]?.configVars ?? []).map(one => this.ui.out.name(one)).join(', '))
      const rows = info.info.map(({name, values}): [string, string] => [name, values.join(', ')])
      this.ui.object({...Object.fromEntries(rows), 'Add-on': this.ui.out.name(info.name)})
      this.ui.log()
    })
    return infos
  }
}
