import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {chosenDatabases, noDatabases, redis} from '../../lib/cli/database.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {DatabaseInfo} from '../../lib/client/data.js'

export default class RedisInfo extends BaseCommand {
  static override description = 'gets information about redis'
  static override examples = ['<%= config.bin %> redis:info --app demo']
  static override aliases = ['redis']
  static override enableJsonFlag = true
  static override args = {database: argument({description: 'config var, attachment or name of the database; all when left out'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<DatabaseInfo[]> {
    const {flags, args} = await this.parse(RedisInfo)
    const {platform, app} = await this.target(flags)
    const databases = await chosenDatabases(platform, app, args.database, redis)
    const infos = await Promise.all(databases.map(({addon}) => platform.data.redis(addon.name)))
    if (this.jsonEnabled()) return infos
    if (infos.length === 0) this.ui.log(noDatabases(this.ui.out.app(app), redis))
    infos.forEach((info, at) => {
      this.ui.header(`${this.ui.out.name(info.name)} (${(databases[at]?.configVars ?? []).map(one => this.ui.out.name(one)).join(', ')})`)
      this.ui.object(Object.fromEntries(info.info.map(({name, values}) => [name, values])))
      this.ui.log()
    })
    return infos
  }
}
