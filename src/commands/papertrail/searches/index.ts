import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import {formatTime} from '../../../lib/cli/formats/time.js'
import type {SavedSearch} from '../../../lib/schema/papertrail.js'

export default class PapertrailSearches extends BaseCommand {
  static override description = 'list the saved searches of Papertrail, and who is told of what they find'
  static override examples = ['<%= config.bin %> papertrail:searches --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<SavedSearch[]> {
    const {flags} = await this.parse(PapertrailSearches)
    const {platform, app} = await this.target(flags)
    const searches = await platform.papertrail.searches(app)
    if (this.jsonEnabled()) return searches
    const {out} = this.ui
    if (searches.length === 0)
      this.ui.log(`${out.app(app)} has no saved searches. Save one with ${out.command(`${this.config.bin} papertrail:searches:save`)}.`)
    else
      await this.ui.table(searches, {
        Name: one => out.name(one.name),
        Query: one => one.query,
        Alert: one => (one.alert === null ? '' : `${one.alert.minimum}+ in ${one.alert.frequency}`),
        Tells: one => (one.alert === null ? '' : (one.alert.webhook ?? 'the log')),
        'Last alert': one => (one.alert?.triggered_at ? formatTime(new Date(one.alert.triggered_at)) : ''),
      })
    return searches
  }
}
