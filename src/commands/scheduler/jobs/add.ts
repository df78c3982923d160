import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {CommandError, exitCodes} from '../../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {formatTime} from '../../../lib/cli/formats/time.js'
import type {ScheduledJob} from '../../../lib/schema/scheduled-job.js'

const times = ['every-10-minutes', 'hourly', 'daily', 'cron']
const only = (name: string) => ({exclusive: times.filter(one => one !== name)})

export default class SchedulerJobsAdd extends BaseCommand {
  static override description = `add a job to Heroku Scheduler
It runs as a one-off dyno of the app's current release. A run that is more than ten minutes late is missed, unless --catch-up.`
  static override examples = [
    '<%= config.bin %> scheduler:jobs:add "rake digest" --daily 02:30 --timezone Europe/Oslo --app demo',
    '<%= config.bin %> scheduler:jobs:add "rake poll" --every-10-minutes --size basic --app demo',
    `<%= config.bin %> scheduler:jobs:add "rake report" --cron '0 6 * * 1-5' --catch-up --app demo`,
  ]
  static override enableJsonFlag = true
  static override args = {command: argument({required: true, description: 'what to run, in quotes'})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    'every-10-minutes': boolean({description: 'at :00, :10, :20 …', ...only('every-10-minutes')}),
    hourly: string({description: 'every hour at that minute', helpValue: 'MINUTE', ...only('hourly')}),
    daily: string({description: 'every day at that time', helpValue: 'HH:MM', ...only('daily')}),
    cron: string({description: 'minute, hour, day of the month, month, day of the week', helpValue: "'M H D M W'", ...only('cron')}),
    timezone: string({description: 'time zone of --daily and --cron', default: 'UTC', helpValue: 'ZONE'}),
    size: string({char: 's', description: 'dyno size'}),
    'catch-up': boolean({description: 'make up for missed runs, once, when the runtime is back'}),
  }

  async run(): Promise<ScheduledJob> {
    const {flags, args} = await this.parse(SchedulerJobsAdd)
    const cron = cronOf(flags)
    const {platform, app} = await this.target(flags)
    const {timezone, size, 'catch-up': catchUp} = flags
    const request = {command: args.command, cron, timezone, catch_up: catchUp, ...(size !== undefined && {size})}
    const job = await this.ui.action(
      `Adding ${this.ui.err.command(args.command)} to ${this.ui.err.app(app)}`,
      () => platform.scheduler.add(app, request),
      added => `done, job ${added.number}`,
    )
    if (!this.jsonEnabled()) this.ui.log(`${job.frequency}, first at ${formatTime(new Date(job.next_run_at))}`)
    return job
  }
}

function cronOf(flags: {
  'every-10-minutes'?: boolean
  hourly?: string | undefined
  daily?: string | undefined
  cron?: string | undefined
}): string {
  const {hourly, daily, cron} = flags
  if (flags['every-10-minutes']) return '*/10 * * * *'
  if (cron !== undefined) return cron
  const minute = /^:?([0-5]?\d)$/.exec(hourly ?? '')?.[1]
  if (minute !== undefined) return `${Number(minute)} * * * *`
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(daily ?? '') ?? []
  if (hours !== undefined) return `${Number(minutes)} ${Number(hours)} * * *`
  const message =
    hourly !== undefined
      ? `--hourly ${hourly} is no minute, such as 30.`
      : daily !== undefined
        ? `--daily ${daily} is no time, such as 02:30.`
        : 'Say when: --every-10-minutes, --hourly MINUTE, --daily HH:MM or --cron EXPRESSION.'
  throw new CommandError(message, {id: 'invalid_schedule', exit: exitCodes.usage})
}
