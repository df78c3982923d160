import {string as argument} from '@oclif/core/args'
import {BaseCommand} from './base-command.js'
import {findDatabase, postgres} from './database.js'
import {appFlags} from './flags.js'
import {runPsql} from './psql.js'
import {statementSchema} from './statement-statistics.js'

/** What every such command takes; oclif wants both on the command's own class. */
export const queryArgs = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
export const queryFlags = {...appFlags}

/** `pg:*` commands that run SQL and print its result as psql does. */
export abstract class SqlCommand extends BaseCommand {
  protected async show(
    target: {app: string | undefined; remote: string | undefined},
    name: string | undefined,
    sql: string,
  ): Promise<void> {
    const {platform, app} = await this.target(target)
    const database = await findDatabase(platform, app, name, postgres)
    const code = await runPsql(platform, {app, database, command: sql, env: this.env})
    if (code !== 0) this.exit(code)
  }
}

/** Those that show what PostgreSQL counts of each statement. */
export abstract class StatementCommand extends SqlCommand {
  /** `query` makes the SQL for the schema that the statistics are in. */
  protected async showStatements(
    target: {app: string | undefined; remote: string | undefined},
    name: string | undefined,
    query: (schema: string) => string,
  ): Promise<void> {
    const {platform, app} = await this.target(target)
    const {addon} = await findDatabase(platform, app, name, postgres)
    await this.show(target, name, query(await statementSchema(platform, addon.name)))
  }
}

/** Those whose SQL is always the same. */
export abstract class QueryCommand extends SqlCommand {
  static override args = queryArgs
  static override flags = queryFlags

  protected abstract readonly query: string

  async run(): Promise<void> {
    const {flags, args} = await this.parse(this.constructor as typeof QueryCommand)
    await this.show(flags, args.database, this.query)
  }
}
