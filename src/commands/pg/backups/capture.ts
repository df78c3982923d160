import {string as argument} from '@oclif/core/args'
import {boolean, integer} from '@oclif/core/flags'
import {followTransfer} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'
import {transferName} from '../../../lib/cli/formats/transfers.js'

export default class PgBackupsCapture extends BaseCommand {
  static override description = `capture a new backup
The dump is encrypted with the key of this home and kept in its folder backups.`
  static override examples = ['<%= config.bin %> pg:backups:capture --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {
    ...appFlags,
    verbose: boolean({char: 'v', description: 'print the log of the backup'}),
    'wait-interval': integer({description: 'seconds between looks at its progress', default: 3, min: 1}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsCapture)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const name = this.ui.err.name(addon.name)
    const backup = await this.ui.action(`Starting backup of ${name}`, () => platform.transfers.capture(addon.name))
    this.ui.note('')
    this.ui.note('Use Ctrl-C at any time to stop monitoring progress; the backup will continue running.')
    this.ui.note('Use hokku pg:backups:info to check progress.')
    this.ui.note('Stop a running backup with hokku pg:backups:cancel.')
    this.ui.note('')
    await followTransfer(this.ui, platform, backup, {
      title: `Backing up ${name} to ${this.ui.err.name(transferName(backup))}`,
      app: addon.app.name,
      verbose: flags.verbose,
      interval: flags['wait-interval'],
    })
  }
}
