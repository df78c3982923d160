import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import {localDatabase} from '../../lib/cli/local-database.js'
import {parseExclusions, pushDatabase} from '../../lib/cli/push-pull.js'

export default class PgPush extends BaseCommand {
  static override description = `push local or remote database into one of an app
Push from SOURCE into TARGET. TARGET must be empty, and gets all of it in one step at the end; pg:reset empties it.
SOURCE is the name of a database on this machine or the URL of one elsewhere; pg_dump of this machine reads it.`
  static override examples = [
    '<%= config.bin %> pg:push mylocaldb DATABASE_URL --app demo',
    '<%= config.bin %> pg:push postgres://myhost/mydb postgresql-cubed-12345 --app demo',
  ]
  static override args = {
    source: argument({description: 'name of a database on this machine, or a postgres:// URL', required: true}),
    target: argument({description: 'config var, attachment or name of the database', required: true}),
  }
  static override flags = {
    ...appFlags,
    'exclude-table-data': string({description: "tables for which data should be excluded (use ';' to split multiple names)"}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgPush)
    const local = localDatabase(args.source, this.env)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.target, postgres)
    const excluded = parseExclusions(flags['exclude-table-data'])
    const title = `Pushing ${this.ui.err.name(local.shown)} to ${this.ui.err.name(addon.name)}`
    const far = (done: number, all: number): void => this.ui.far(done, all)
    const said = await this.ui.action(title, () => pushDatabase({platform, addon: addon.name, local, excluded, far}))
    if (said.length > 0) this.ui.warn(`Some objects could not be made:\n${said.join('\n')}`)
    this.ui.log('Pushing complete.')
  }
}
