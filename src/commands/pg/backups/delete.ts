import {string as argument} from '@oclif/core/args'
import {transferNumber} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {confirmApp} from '../../../lib/cli/prompts.js'

export default class PgBackupsDelete extends BaseCommand {
  static override description = 'delete a backup'
  static override examples = ['<%= config.bin %> pg:backups:delete b001 --confirm demo --app demo']
  static override args = {backup: argument({description: 'ID of the backup', required: true})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsDelete)
    const number = transferNumber(args.backup)
    const {platform, app} = await this.target(flags)
    const name = this.ui.err.name(args.backup)
    await confirmApp(this.ui, {app, given: flags.confirm, warning: `This will delete the backup ${name} of ${app}.`})
    await this.ui.action(`Deleting backup ${name} on ${this.ui.err.app(app)}`, () => platform.transfers.delete(app, number))
  }
}
