import {createReadStream} from 'node:fs'
import {access} from 'node:fs/promises'
import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import {runPsql} from '../../lib/cli/psql.js'

export default class PgPsql extends BaseCommand {
  static override description = `open a psql shell to the database
With psql on this machine that one is used, else the one beside the server.`
  static override examples = ['<%= config.bin %> pg:psql --app demo', '<%= config.bin %> pg:psql -c "SELECT 1" --app demo']
  static override aliases = ['psql']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {
    ...appFlags,
    command: string({char: 'c', description: 'SQL command to run'}),
    file: string({char: 'f', description: 'SQL file to run', exclusive: ['command']}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgPsql)
    const {platform, app} = await this.target(flags)
    if (flags.file !== undefined) await readable(flags.file)
    const database = await findDatabase(platform, app, args.database, postgres)
    this.ui.note(`--> Connecting to ${this.ui.err.name(database.addon.name)}`)
    const {command, file: path} = flags
    const code = await runPsql(platform, {
      app,
      database,
      ...(command !== undefined && {command}),
      ...(path !== undefined && {file: {path, open: () => createReadStream(path)}}),
      env: this.env,
    })
    if (code !== 0) this.exit(code)
  }
}

async function readable(file: string): Promise<void> {
  await access(file).catch((cause: Error) => {
    throw new CommandError(`Cannot read ${file}: ${cause.message}`, {id: 'no_file'})
  })
}
