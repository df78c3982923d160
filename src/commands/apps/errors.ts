import {boolean, integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {AppError} from '../../lib/schema/app-errors.js'

export default class AppsErrors extends BaseCommand {
  static override description = "view app errors\nCounts the router's and the dynos' error codes in the app's log."
  static override examples = ['<%= config.bin %> apps:errors --app demo', '<%= config.bin %> apps:errors --hours 1 --router --app demo']
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    dyno: boolean({description: 'show only dyno errors'}),
    hours: integer({description: 'number of hours to look back', default: 24, min: 1, max: 744}),
    router: boolean({description: 'show only router errors', exclusive: ['dyno']}),
  }

  async run(): Promise<AppError[]> {
    const {flags} = await this.parse(AppsErrors)
    const {platform, app} = await this.target(flags)
    const all = await platform.apps.errors(app, flags.hours)
    const errors = all.filter(({source}) => !(flags.dyno && source === 'router') && !(flags.router && source !== 'router'))
    if (!this.jsonEnabled()) await this.show(app, errors, flags.hours)
    return errors
  }

  private async show(app: string, errors: AppError[], hours: number): Promise<void> {
    const {out} = this.ui
    if (errors.length === 0) return this.ui.log(`No errors on ${out.app(app)} in the last ${hours} hours`)
    const paint = {critical: out.failure, warning: out.warning, info: out.date}
    this.ui.header(`Errors on ${out.app(app)} in the last ${hours} hours`)
    await this.ui.table(errors, {
      source: error => error.source,
      name: error => paint[error.level](error.name),
      level: error => paint[error.level](error.level),
      desc: error => error.description,
      count: error => String(error.count),
    })
  }
}
