import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {findBackup, followFlags, followTransfer, hintAtCtrlC} from '../../../lib/cli/backups.js'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../../lib/cli/flags.js'
import {transferName} from '../../../lib/cli/formats/transfers.js'
import {confirmApp} from '../../../lib/cli/prompts.js'
import type {Platform} from '../../../lib/client/platform.js'

export default class PgBackupsRestore extends BaseCommand {
  static override description = `restore a backup (default latest) to a database
The data is replaced in one step when all of the backup is in: a restore that fails or is cancelled leaves it as it was.`
  static override examples = [
    '<%= config.bin %> pg:backups:restore b001 DATABASE_URL --app demo',
    '<%= config.bin %> pg:backups:restore example::b001 DATABASE_URL --app demo',
    '<%= config.bin %> pg:backups:restore https://example.com/my.dump DATABASE_URL --app demo',
  ]
  static override args = {
    backup: argument({description: 'ID of a backup, of another app as APP::ID, or the URL of a dump'}),
    database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'}),
  }
  static override flags = {
    ...appFlags,
    ...confirmFlags,
    extensions: string({char: 'e', description: 'extensions to make first, with commas between (hstore or myschema.hstore)'}),
    ...followFlags,
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsRestore)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const {url, title} = await this.source(platform, app, args.backup)
    const name = this.ui.err.name(addon.name)
    await confirmApp(this.ui, {app, given: flags.confirm, warning: `Destructive action\n${name} will lose all of its data`})
    const extensions = flags.extensions?.split(',').map(one => one.trim().toLowerCase())
    const restore = await this.ui.action(`Starting restore of ${this.ui.err.name(title)} to ${name}`, () =>
      platform.transfers.restore(addon.name, {backup_url: url, ...(extensions !== undefined && {extensions})}),
    )
    hintAtCtrlC(this.ui, {goesOn: 'the backup will continue restoring', look: 'hokku pg:backups', stop: 'Stop a running restore'})
    await followTransfer(this.ui, platform, restore, {title: 'Restoring', app: addon.app.name, flags})
  }

  private async source(platform: Platform, app: string, given: string | undefined): Promise<{url: string; title: string}> {
    if (given !== undefined && /^https?:\/\//i.test(given)) return {url: given, title: given}
    const [name, owner] = (given ?? '').split('::').reverse()
    const backup = await findBackup(platform, owner ?? app, name === '' ? undefined : name)
    return {url: backup.to_url as string, title: given ?? transferName(backup)}
  }
}
