import {string as argument} from '@oclif/core/args'
import {followFlags, followTransfer, hintAtCtrlC} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'
import {transferName} from '../../../lib/cli/formats/transfers.js'

export default class PgBackupsCapture extends BaseCommand {
  static override description = `capture a new backup
The dump is encrypted with the key of this home and kept where pg:backups:store says, by default in its folder backups.`
  static override examples = ['<%= config.bin %> pg:backups:capture --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {
    ...appFlags,
    ...followFlags,
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsCapture)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const name = this.ui.err.name(addon.name)
    const backup = await this.ui.action(`Starting backup of ${name}`, () => platform.transfers.capture(addon.name))
    hintAtCtrlC(this.ui, {goesOn: 'the backup will continue running', look: 'hokku pg:backups:info', stop: 'Stop a running backup'})
    await followTransfer(this.ui, platform, backup, {
      title: `Backing up ${name} to ${this.ui.err.name(transferName(backup))}`,
      app: addon.app.name,
      flags,
    })
  }
}
