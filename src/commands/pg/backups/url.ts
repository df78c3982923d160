import {string as argument} from '@oclif/core/args'
import {findBackup} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class PgBackupsUrl extends BaseCommand {
  static override description = `get secret but publicly accessible URL of a backup
It is good for an hour, on this machine: curl --cacert "$(hokku runtime:status --json | jq -r .ca_certificate)" URL`
  static override examples = ['<%= config.bin %> pg:backups:url b001 --app demo']
  static override args = {backup: argument({description: 'ID of the backup, the last one by default'})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsUrl)
    const {platform, app} = await this.target(flags)
    const {num} = await findBackup(platform, app, args.backup)
    this.ui.log((await platform.transfers.publicUrl(app, num)).url)
  }
}
