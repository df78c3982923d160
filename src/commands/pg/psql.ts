import {createReadStream} from 'node:fs'
import {access} from 'node:fs/promises'
import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {openConsole} from '../../lib/cli/console.js'
import {type Database, findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Credential} from '../../lib/client/data.js'

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
    const credential = await platform.data.credential(database.addon.name)
    this.ui.note(`--> Connecting to ${this.ui.err.name(database.addon.name)}`)
    const prompts = promptArgs(app, database)
    const command = flags.command === undefined ? [] : ['--command', flags.command]
    const file = (name: string): string[] => (flags.file === undefined ? [] : ['--file', name])
    const code = await openConsole(platform, {
      addon: database.addon.name,
      local: {program: 'psql', args: [...prompts, ...command, ...file(flags.file ?? '')], env: {...this.env, ...connection(credential)}},
      inside: ['psql', ...prompts, ...command, ...file('-')],
      ...(flags.file !== undefined && {input: () => createReadStream(flags.file as string)}),
      interactive: flags.command === undefined && flags.file === undefined ? 'yes' : 'no',
    })
    if (code !== 0) this.exit(code)
  }
}

async function readable(file: string): Promise<void> {
  await access(file).catch((cause: Error) => {
    throw new CommandError(`Cannot read ${file}: ${cause.message}`, {id: 'no_file'})
  })
}

/** `demo::DATABASE=> ` */
function promptArgs(app: string, {attachments}: Database): string[] {
  const name = attachments[0]?.name.replace(/^HEROKU_POSTGRESQL_/, '') ?? ''
  const prompt = `${app}::${name}%R%# `
  return ['--set', `PROMPT1=${prompt}`, '--set', `PROMPT2=${prompt}`]
}

/** What libpq reads. The password is in the environment, so that no process list shows it. */
function connection({host, port, database, credentials}: Credential): NodeJS.ProcessEnv {
  const [first] = credentials
  return {PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: first?.user, PGPASSWORD: first?.password, PGSSLMODE: 'prefer'}
}
