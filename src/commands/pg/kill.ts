import {string as argument} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {CommandError, exitCodes} from '../../lib/cli/command-error.js'
import {queryFlags, SqlCommand} from '../../lib/cli/query-command.js'

export default class PgKill extends SqlCommand {
  static override description = 'kill a query'
  static override examples = ['<%= config.bin %> pg:kill 1234 --app demo', '<%= config.bin %> pg:kill 1234 --force --app demo']
  static override args = {
    pid: argument({description: 'process id of the query, as pg:ps shows it', required: true}),
    database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'}),
  }
  static override flags = {...queryFlags, force: boolean({char: 'f', description: 'end its connection too'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgKill)
    if (!/^\d{1,9}$/.test(args.pid))
      throw new CommandError(`${args.pid} is no process id: pg:ps shows them.`, {id: 'invalid_pid', exit: exitCodes.usage})
    await this.show(flags, args.database, `SELECT ${flags.force ? 'pg_terminate_backend' : 'pg_cancel_backend'}(${args.pid})`)
  }
}
