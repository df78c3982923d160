import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class PgCredentialsRotate extends BaseCommand {
  static override description = `rotate the database credentials
The password changes at once: the server starts again, connections are reset, and every app that the database is attached to is released.`
  static override examples = ['<%= config.bin %> pg:credentials:rotate --app demo --confirm demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {
    ...appFlags,
    ...confirmFlags,
    all: boolean({description: 'rotate all credentials', exclusive: ['name']}),
    force: boolean({description: 'forces rotating the targeted credentials; here it always is'}),
    name: string({char: 'n', description: 'which credential to rotate', default: 'default'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgCredentialsRotate)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const attachments = await platform.addons.attachmentsTo(addon.name)
    const apps = [...new Set(attachments.map(one => one.app.name))].sort()
    const warnings = [
      ...(flags.all ? [] : [`The password for the ${flags.name} credential will rotate.`]),
      'Connections will be reset and applications will be restarted.',
      `This command will affect the app${apps.length > 1 ? 's' : ''} ${apps.map(one => this.ui.err.app(one)).join(', ')}.`,
    ]
    await confirmApp(this.ui, {app, given: flags.confirm, warning: `Destructive Action\n${warnings.join('\n')}`})
    const what = flags.all ? 'all credentials' : flags.name
    await this.ui.action(`Rotating ${what} on ${this.ui.err.name(addon.name)}`, () =>
      flags.all ? platform.data.rotateCredentials(addon.name) : platform.data.rotateCredential(addon.name, flags.name),
    )
  }
}
