import {string as argument} from '@oclif/core/args'
import {lastBackup, transferNumber} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {compression, transferName, transferSize, transferState, transferStatus} from '../../../lib/cli/formats/transfers.js'
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
    const number = args.backup === undefined ? await lastBackup(platform, app) : transferNumber(args.backup)
    const transfer = await platform.transfers.get(app, number)
    if (this.jsonEnabled()) return transfer
    const tests = (await platform.transfers.list(app)).filter(one => one.verifies === transfer.uuid)
    this.show(transfer, tests.sort((a, b) => b.num - a.num)[0])
    return transfer
  }

  private show(transfer: Transfer, test: Transfer | undefined): void {
    const {processed_bytes: size, source_bytes: total, finished_at: finished} = transfer
    this.ui.header(`Backup ${this.ui.out.name(transferName(transfer))}`)
    this.ui.object({
      Database: this.ui.out.name(transfer.from_name),
      'Started at': transfer.started_at ?? undefined,
      'Finished at': finished ?? undefined,
      Status: transferState(transfer),
      Type: transfer.schedule === null ? 'Manual' : 'Scheduled',
      'Original DB Size': transferSize(total),
      Store: transfer.store === null || transfer.store === 'local' ? undefined : transfer.store,
      Verified: test && transferStatus(test),
      'Backup Size': `${transferSize(size)}${finished === null ? '' : compression(size, total)}`,
    })
    this.ui.log()
    this.ui.header('Backup Logs')
    for (const {created_at, message} of transfer.logs ?? []) this.ui.log(`${created_at} ${message}`)
  }
}
