import {string as argument} from '@oclif/core/args'
import {transferNumber} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {CommandError} from '../../../lib/cli/command-error.js'
import {appFlags} from '../../../lib/cli/flags.js'
import {transferName} from '../../../lib/cli/formats/transfers.js'
import type {Transfer} from '../../../lib/client/transfers.js'

export default class PgBackupsCancel extends BaseCommand {
  static override description = 'cancel an in-progress backup or restore (default newest)'
  static override examples = ['<%= config.bin %> pg:backups:cancel --app demo']
  static override args = {backup: argument({description: 'ID of the backup, the newest that is not finished by default'})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsCancel)
    const number = args.backup === undefined ? undefined : transferNumber(args.backup)
    const {platform, app} = await this.target(flags)
    const active = (await platform.transfers.list(app)).filter(one => one.finished_at === null).sort((a, b) => b.num - a.num)
    const transfer: Transfer | undefined = number === undefined ? active[0] : active.find(one => one.num === number)
    if (transfer === undefined)
      throw new CommandError(number === undefined ? 'No active backups/transfers' : `${args.backup} is not in progress`, {id: 'not_found'})
    await this.ui.action(`Cancelling ${this.ui.err.name(transferName(transfer))}`, () => platform.transfers.cancel(app, transfer.num))
  }
}
