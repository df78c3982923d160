import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {findBackup, followFlags, followTransfer} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'
import {transferName} from '../../../lib/cli/formats/transfers.js'

export default class PgBackupsVerify extends BaseCommand {
  static override description = `restore a backup for a test
It is loaded into a database that nobody sees, beside the one that it is of, and removed again. pg:backups:schedule has that done by itself.`
  static override examples = ['<%= config.bin %> pg:backups:verify --app demo', '<%= config.bin %> pg:backups:verify a002 --app demo']
  static override args = {backup: argument({description: 'ID of the backup, the last one by default'})}
  static override flags = {
    ...appFlags,
    ...followFlags,
    on: string({description: 'database whose server shall do it, when that of the backup is gone', helpValue: 'DATABASE'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsVerify)
    const {platform, app} = await this.target(flags)
    const backup = await findBackup(platform, app, args.backup)
    const on = flags.on === undefined ? undefined : (await findDatabase(platform, app, flags.on, postgres)).addon.name
    const test = await platform.transfers.verify(app, backup.num, on)
    const done = await followTransfer(this.ui, platform, test, {title: `Verifying ${this.ui.err.name(transferName(backup))}`, app, flags})
    for (const {message} of done.logs ?? []) if (/^(Tables|Rows): /.test(message)) this.ui.log(message)
    if (done.warnings > 0) this.ui.warn(`${done.warnings} objects could not be made, as a restore would say too.`)
  }
}
