import {string as argument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {CommandError} from '../../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../../lib/cli/database.js'
import {appFlags} from '../../../lib/cli/flags.js'
import type {VerifyPolicy} from '../../../lib/client/transfers.js'

/** Heroku's short names. */
const zones: Record<string, string> = {
  BST: 'Europe/London',
  CDT: 'America/Chicago',
  CEST: 'Europe/Paris',
  CET: 'Europe/Paris',
  CST: 'America/Chicago',
  EDT: 'America/New_York',
  EST: 'America/New_York',
  GMT: 'Europe/London',
  MDT: 'America/Boise',
  MST: 'America/Boise',
  PDT: 'America/Los_Angeles',
  PST: 'America/Los_Angeles',
  Z: 'UTC',
}

export default class PgBackupsSchedule extends BaseCommand {
  static override description = `schedule daily backups for given database
How many are kept depends on the plan. The newest one is restored for a test once a week, if not told otherwise; pg:backups shows the result. A time at which the runtime did not run is made up for when it starts.`
  static override examples = ["<%= config.bin %> pg:backups:schedule DATABASE_URL --at '02:00 Europe/Oslo' --app demo"]
  static override args = {database: argument({description: 'config var, attachment or name of the database, DATABASE_URL by default'})}
  static override flags = {
    ...appFlags,
    at: string({description: "hour (24h) and time zone, UTC by default: '[HOUR]:00 [TIMEZONE]'", required: true}),
    verify: string({
      description: 'how often the newest one is restored for a test',
      options: ['never', 'weekly', 'daily'],
      default: 'weekly',
    }),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgBackupsSchedule)
    const {hour, timezone} = timeOfDay(flags.at)
    const verify = flags.verify as VerifyPolicy
    const {platform, app} = await this.target(flags)
    const {addon, configVars} = await findDatabase(platform, app, args.database, postgres)
    const at = this.ui.err.name(`${hour}:00 ${timezone}`)
    await this.ui.action(`Scheduling automatic daily backups of ${this.ui.err.name(addon.name)} at ${at}`, () =>
      platform.transfers.schedule(addon.name, {hour: Number(hour), timezone, schedule_name: configVars[0] ?? addon.name, verify}),
    )
  }
}

function timeOfDay(at: string): {hour: string; timezone: string} {
  const [, hour, zone = ''] = /^(0?\d|1\d|2[0-3]):00 ?(\S*)$/.exec(at) ?? []
  if (hour === undefined) throw new CommandError("Invalid schedule format: expected --at '[HOUR]:00 [TIMEZONE]'", {id: 'invalid_schedule'})
  return {hour, timezone: zones[zone.toUpperCase()] ?? (zone || 'UTC')}
}
