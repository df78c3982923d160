import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import type {Columns} from '../../../lib/cli/formats/table.js'
import {isBackup, transferColumns, transferName} from '../../../lib/cli/formats/transfers.js'
import type {Transfer} from '../../../lib/client/transfers.js'

/** Restores and copies that are shown. */
const most = 10

export default class PgBackups extends BaseCommand {
  static override description = 'list database backups'
  static override examples = ['<%= config.bin %> pg:backups --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Transfer[]> {
    const {flags} = await this.parse(PgBackups)
    const {platform, app} = await this.target(flags)
    const transfers = (await platform.transfers.list(app)).sort((a, b) => b.num - a.num)
    if (this.jsonEnabled()) return transfers
    const into = transfers.filter(one => one.to_type === 'pg_restore')
    const [copies, restores] = [into.filter(one => one.from_type === 'pg_dump'), into.filter(one => one.from_type !== 'pg_dump')]
    const from = (one: Transfer): string => this.ui.out.name(one.from_name)
    const to = (one: Transfer): string => this.ui.out.name(one.to_name)
    await this.show('Backups', transfers.filter(isBackup), {Database: from}, 'No backups. Capture one with hokku pg:backups:capture')
    await this.show(
      'Restores',
      restores.slice(0, most),
      {Database: to},
      'No restores found. Use hokku pg:backups:restore to restore a backup',
    )
    await this.show(
      'Copies',
      copies.slice(0, most),
      {From: from, To: to},
      'No copies found. Use hokku pg:copy to copy a database to another',
    )
    const tests = transfers.filter(one => one.to_type === 'verify')
    const of = (test: Transfer): Transfer | undefined => transfers.find(one => one.uuid === test.verifies)
    const backup = (test: Transfer): string => this.ui.out.name(transferName(of(test) ?? test))
    if (tests.length > 0) await this.show('Verifications', tests.slice(0, most), {Backup: backup, Database: from}, '')
    return transfers
  }

  private async show(title: string, transfers: Transfer[], names: Columns<Transfer>, none: string): Promise<void> {
    this.ui.header(title)
    const at = title === 'Backups' ? 'Created at' : 'Started at'
    if (transfers.length === 0) this.ui.log(none)
    else await this.ui.table(transfers, transferColumns(this.ui.out, at, names))
    this.ui.log()
  }
}
