import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import type {Credential} from '../../../lib/client/data.js'

export default class PgCredentialsUrl extends BaseCommand {
  static override description = 'show information on a database credential'
  static override examples = ['<%= config.bin %> pg:credentials:url --app demo']
  static override enableJsonFlag = true
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Credential> {
    const {flags, args} = await this.parse(PgCredentialsUrl)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const credential = await platform.data.credential(addon.name)
    if (this.jsonEnabled()) return credential
    const {name, database, host, port, credentials} = credential
    const {user, password} = credentials[0] ?? {user: '', password: ''}
    this.ui.log(`Connection information for ${this.ui.out.name(name)} credential.`)
    this.ui.log('Connection info string:')
    this.ui.log(`   "dbname=${database} host=${host} port=${port} user=${user} password=${password} sslmode=require"`)
    this.ui.log('Connection URL:')
    this.ui.log(`   postgres://${user}:${password}@${host}:${port}/${database}`)
    return credential
  }
}
