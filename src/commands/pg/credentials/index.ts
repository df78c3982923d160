import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {attachmentLines} from '../../../lib/cli/formats/addons.js'
import type {Credential} from '../../../lib/client/data.js'

export default class PgCredentials extends BaseCommand {
  static override description = `show information on credentials in the database
Every database has one, default; pg:credentials:url shows its password.`
  static override examples = ['<%= config.bin %> pg:credentials --app demo']
  static override enableJsonFlag = true
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Credential[]> {
    const {flags, args} = await this.parse(PgCredentials)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const credentials = await platform.data.credentials(addon.name)
    if (this.jsonEnabled()) return credentials
    const attachments = await platform.addons.attachmentsTo(addon.name)
    const below = attachmentLines(attachments, app, this.ui.out).map(title => ({title, state: ''}))
    const rows = credentials.flatMap(({name, state}) => [{title: this.ui.out.name(name), state}, ...below])
    await this.ui.table(rows, {Credential: one => one.title, State: one => one.state})
    return credentials
  }
}
