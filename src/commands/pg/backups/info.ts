import {string as argument} from '@oclif/core/args'
import {noBackups, transferNumber} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {compression, isBackup, transferName, transferSize, transferState} from '../../../lib/cli/formats/transfers.js'
import type {Transfer} from '../../../lib/client/transfers.js'

export default class PgBackupsInfo extends BaseCommand {
  static override description = 'get information about a specific backup'
  static override examples = ['<%= config.bin %> pg:backups:info b001 --app demo']
  static override enableJsonFlag = true
  static override args = {backup: argument({description: 'ID of the backup, the last one by default'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Transfer> {
    const {flags, args} = await this.parse(PgBackupsInfo)
    const {platform, app} = await this.target(flags)
    const last = async (): Promise<number> => {
      const [newest] = (await platform.transfers.list(app)).filter(isBackup).sort((a, b) => b.num - a.num)
      if (newest === undefined) throw noBackups(app)
      return newest.num
    }
    const transfer = await platform.transfers.get(app, args.backup === undefined ? await last() : transferNumber(args.backup))
    if (!this.jsonEnabled()) this.show(transfer)
    return transfer
  }

  private show(transfer: Transfer): void {
    const {processed_bytes: size, source_bytes: total, finished_at: finished} = transfer
    this.ui.header(`Backup ${this.ui.out.name(transferName(transfer))}`)
    this.ui.object({
      Database: this.ui.out.name(transfer.from_name),
      'Started at': transfer.started_at ?? undefined,
      'Finished at': finished ?? undefined,
      Status: transferState(transfer),
      Type: transfer.schedule === null ? 'Manual' : 'Scheduled',
      'Original DB Size': transferSize(total),
      'Backup Size': `${transferSize(size)}${finished === null ? '' : compression(size, total)}`,
    })
    this.ui.log()
    this.ui.header('Backup Logs')
    for (const {created_at, message} of transfer.logs ?? []) this.ui.log(`${created_at} ${message}`)
  }
}
