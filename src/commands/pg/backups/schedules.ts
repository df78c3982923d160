import {BaseCommand} from '../../../lib/cli/base-command.js'
import {listDatabases, postgres} from '../../../lib/cli/database.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {transferName, transferStatus} from '../../../lib/cli/formats/transfers.js'
import type {Platform} from '../../../lib/client/platform.js'
import type {TransferSchedule} from '../../../lib/client/transfers.js'

export default class PgBackupsSchedules extends BaseCommand {
  static override description = 'list backup schedule'
  static override examples = ['<%= config.bin %> pg:backups:schedules --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<TransferSchedule[]> {
    const {flags} = await this.parse(PgBackupsSchedules)
    const {platform, app} = await this.target(flags)
    const databases = await listDatabases(platform, app, postgres)
    const schedules = (await Promise.all(databases.map(({addon}) => platform.transfers.schedules(addon.name)))).flat()
    if (this.jsonEnabled()) return schedules
    if (schedules.length === 0)
      this.ui.warn(`No backup schedules found on ${this.ui.err.app(app)}\nUse hokku pg:backups:schedule to set one up`)
    else this.ui.header('Backup Schedules')
    for (const {name, hour, timezone} of schedules) this.ui.log(`${this.ui.out.name(name)}: daily at ${hour}:00 ${timezone}`)
    await this.showTests(platform, app)
    return schedules
  }

  /** How the last test of a scheduled backup went. */
  private async showTests(platform: Platform, app: string): Promise<void> {
    const transfers = (await platform.transfers.list(app)).sort((a, b) => b.num - a.num)
    const test = transfers.find(one => one.to_type === 'verify')
    const backup = transfers.find(one => one.uuid === test?.verifies)
    if (test !== undefined && backup !== undefined)
      this.ui.log(`Last verified: ${this.ui.out.name(transferName(backup))}, ${transferStatus(test)}`)
  }
}
