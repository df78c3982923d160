import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class PgConnectionPoolingAttach extends BaseCommand {
  static override description = `add an attachment to a database using connection pooling
Its config var leads to PgBouncer, where many clients share the connections of the database, each for a transaction. The first time
the server starts again for it, which takes some seconds.`
  static override examples = [
    '<%= config.bin %> pg:connection-pooling:attach DATABASE_URL --as DATABASE_CONNECTION_POOL --app demo',
    '<%= config.bin %> pg:connection-pooling:attach postgresql-something-12345 --app demo',
  ]
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {...appFlags, as: string({description: 'name for add-on attachment'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgConnectionPoolingAttach)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const attachment = await this.ui.action(
      `Enabling Connection Pooling on ${this.ui.err.name(addon.name)} to ${this.ui.err.app(app)}`,
      () => platform.data.attachPool(addon.name, {app, ...(flags.as !== undefined && {name: flags.as})}),
    )
    await this.ui.action(
      `Setting ${this.ui.err.name(attachment.name)} config vars and restarting ${this.ui.err.app(app)}`,
      () => platform.releases.newest(app),
      release => `done, ${this.ui.err.name(`v${release?.version}`)}`,
    )
  }
}
