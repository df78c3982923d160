import {string as argument} from '@oclif/core/args'
import {integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {type AlertFrequency, frequencies, type SavedSearch} from '../../../lib/schema/papertrail.js'

export default class PapertrailSearchesSave extends BaseCommand {
  static override description = `save a search of Papertrail, with an alert if --every says how often to look
An alert is a line in the app's log, and a POST to a webhook as Papertrail makes it. A search of that name is replaced.`
  static override examples = [
    `<%= config.bin %> papertrail:searches:save "server errors" 'program:router status=5' --app demo`,
    '<%= config.bin %> papertrail:searches:save crashes H10 --every 10-minutes --minimum 3 --webhook https://example.com/hook --app demo',
  ]
  static override enableJsonFlag = true
  static override args = {
    name: argument({required: true, description: 'what to call it'}),
    query: argument({required: true, description: 'what to look for, in quotes'}),
  }
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    every: string({description: 'look as often, and tell of what was found', options: Object.keys(frequencies)}),
    minimum: integer({description: 'lines that must be found to be worth an alert [default: 1]', min: 1, dependsOn: ['every']}),
    webhook: string({description: 'URL that is told, beside the log', dependsOn: ['every']}),
  }

  async run(): Promise<SavedSearch> {
    const {flags, args} = await this.parse(PapertrailSearchesSave)
    const {platform, app} = await this.target(flags)
    const {every, minimum = 1, webhook} = flags
    const alert = every === undefined ? {} : {alert: {frequency: every as AlertFrequency, minimum, ...(webhook !== undefined && {webhook})}}
    return await this.ui.action(`Saving ${this.ui.err.name(args.name)} on ${this.ui.err.app(app)}`, () =>
      platform.papertrail.save(app, {...args, ...alert}),
    )
  }
}
