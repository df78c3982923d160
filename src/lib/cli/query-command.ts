import {string as argument} from '@oclif/core/args'
import {BaseCommand} from './base-command.js'
import {findDatabase, postgres} from './database.js'
import {appFlags} from './flags.js'
import {runPsql} from './psql.js'

/** What every such command takes; oclif wants both on the command's own class. */
export const queryArgs = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
export const queryFlags = {...appFlags}

/** `pg:*` commands that show what a query about the server says. */
export abstract class QueryCommand extends BaseCommand {
  static override args = queryArgs
  static override flags = queryFlags

  /** SQL; its result is printed as psql does. */
  protected abstract readonly query: string

  async run(): Promise<void> {
    const {flags, args} = await this.parse(this.constructor as typeof QueryCommand)
    await this.show(flags, args.database, this.query)
  }

  protected async show(
    target: {app: string | undefined; remote: string | undefined},
    name: string | undefined,
    query: string,
  ): Promise<void> {
    const {platform, app} = await this.target(target)
    const database = await findDatabase(platform, app, name, postgres)
    const code = await runPsql(platform, {app, database, command: query, env: this.env})
    if (code !== 0) this.exit(code)
  }
}
