import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {CommandError} from '../../../lib/cli/command-error.js'
import {chosenDatabases, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class PgBackupsUnschedule extends BaseCommand {
  static override description = 'stop daily backups'
  static override examples = ['<%= config.bin %> pg:backups:unschedule DATABASE_URL --app demo']
  static override args = {
    database: argument({description: 'config var, attachment or name of the database; the only scheduled one by default'}),
  }
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsUnschedule)
    const {platform, app} = await this.target(flags)
    const databases = await chosenDatabases(platform, app, args.database, postgres)
    const lists = await Promise.all(
      databases.map(async ({addon}) => (await platform.transfers.schedules(addon.name)).map(schedule => ({schedule, addon}))),
    )
    const [first, ...others] = lists.flat()
    const which = args.database === undefined ? app : (databases[0]?.addon.name ?? args.database)
    if (first === undefined) throw new CommandError(`No schedules on ${which}`, {id: 'not_found'})
    const names = [first, ...others].map(({schedule}) => schedule.name)
    if (others.length > 0 && args.database === undefined)
      throw new CommandError(`Specify schedule on ${app}. Existing schedules: ${names.join(', ')}`, {id: 'multiple_matches'})
    await this.ui.action(`Unscheduling ${this.ui.err.name(names.join(', '))} daily backups`, async () => {
      for (const {schedule, addon} of [first, ...others]) await platform.transfers.unschedule(addon.name, schedule.uuid)
    })
  }
}
