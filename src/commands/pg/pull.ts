import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import {localDatabase} from '../../lib/cli/local-database.js'
import {parseExclusions, pullDatabase} from '../../lib/cli/push-pull.js'

export default class PgPull extends BaseCommand {
  static override description = `pull database of an app into local or remote database
Pull from SOURCE into TARGET, which gets all of it or nothing.
TARGET is the name of a database on this machine, which must not exist and will be created (dropdb TARGET deletes one), or the URL of one elsewhere, which must exist and be empty.`
  static override examples = [
    '<%= config.bin %> pg:pull DATABASE_URL mylocaldb --app demo',
    '<%= config.bin %> pg:pull postgresql-cubed-12345 postgres://myhost/mydb --app demo',
  ]
  static override args = {
    source: argument({description: 'config var, attachment or name of the database', required: true}),
    target: argument({description: 'name of a database on this machine, or a postgres:// URL', required: true}),
  }
  static override flags = {
    ...appFlags,
    'exclude-table-data': string({description: "tables for which data should be excluded (use ';' to split multiple names)"}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgPull)
    const local = localDatabase(args.target, this.env)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.source, postgres)
    const excluded = parseExclusions(flags['exclude-table-data'])
    const title = `Pulling ${this.ui.err.name(addon.name)} to ${this.ui.err.name(local.shown)}`
    const far = (done: number, all: number): void => this.ui.far(done, all)
    const left = await this.ui.action(title, () => pullDatabase({platform, addon: addon.name, local, excluded, far}))
    if (left.length > 0) this.ui.warn(`The target has no ${left.join(', ')}, so it was left out. postgresql-contrib may have it.`)
    this.ui.log('Pulling complete.')
  }
}
