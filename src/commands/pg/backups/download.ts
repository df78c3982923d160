import {existsSync} from 'node:fs'
import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {findBackup} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags} from '../../../lib/cli/flags.js'
import {transferName, transferSize} from '../../../lib/cli/formats/transfers.js'

export default class PgBackupsDownload extends BaseCommand {
  static override description = `downloads database backup
The file is a dump in pg_dump's custom format, in the clear: pg_restore reads it.`
  static override examples = ['<%= config.bin %> pg:backups:download b001 --output demo.dump --app demo']
  static override args = {backup: argument({description: 'ID of the backup, the last one by default'})}
  static override flags = {...appFlags, output: string({char: 'o', description: 'file to write, latest.dump by default'})}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsDownload)
    const {platform, app} = await this.target(flags)
    const backup = await findBackup(platform, app, args.backup)
    const file = flags.output ?? freeName()
    const {url} = await platform.transfers.publicUrl(app, backup.num)
    await this.ui.action(
      `Downloading ${this.ui.err.name(transferName(backup))} to ${file}`,
      () => platform.transfers.download(url, file),
      bytes => `done, ${transferSize(bytes)}`,
    )
  }
}

/** `latest.dump`, or `latest.dump.1` and so on: nothing is overwritten that was not named. */
function freeName(): string {
  let name = 'latest.dump'
  for (let count = 1; existsSync(name); count += 1) name = `latest.dump.${count}`
  return name
}
