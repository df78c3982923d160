import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import type {App} from '../../lib/schema/resources.js'

export default class Apps extends BaseCommand {
  static override description = 'list your apps'
  static override aliases = ['list', 'apps:list']
  static override enableJsonFlag = true
  static override flags = {
    ...jsonFlags,
    all: boolean({char: 'A', description: 'include apps of others'}),
  }

  async run(): Promise<App[]> {
    const {flags} = await this.parse(Apps)
    const platform = await this.connect()
    const [found, account] = await Promise.all([flags.all ? platform.apps.listAll() : platform.apps.list(), platform.account.show()])
    if (this.jsonEnabled()) return found
    const sorted = found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const own = sorted.filter(app => app.owner.email === account.email)
    const others = sorted.filter(app => app.owner.email !== account.email)
    if (sorted.length === 0) this.ui.log('You have no apps.')
    if (own.length > 0) this.list(`${account.email} Apps`, own.map(label))
    if (others.length > 0)
      this.list(
        'Collaborated Apps',
        others.map(app => `${label(app)}   ${app.owner.email}`),
      )
    return found
  }

  private list(title: string, lines: string[]): void {
    this.ui.header(title)
    this.ui.log(`${lines.join('\n')}\n`)
  }
}

/** Heroku names the region only where it is not its first one; this host is the first one here. */
function label(app: App): string {
  return ['us', 'local'].includes(app.region.name) ? app.name : `${app.name} (${app.region.name})`
}
