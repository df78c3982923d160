import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {releaseColumns} from '../../lib/cli/formats/releases.js'
import type {Release} from '../../lib/schema/resources.js'

export default class Releases extends BaseCommand {
  static override description = 'display the releases for an app'
  static override examples = ['<%= config.bin %> releases --num 5 --app demo']
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    num: integer({char: 'n', description: 'number of releases to show', default: 15, min: 1, max: 1000}),
  }

  async run(): Promise<Release[]> {
    const {flags} = await this.parse(Releases)
    const {platform, app} = await this.target(flags)
    const releases = await platform.releases.list(app, {max: flags.num})
    if (!this.jsonEnabled()) await this.show(app, releases)
    return releases
  }

  private async show(app: string, releases: Release[]): Promise<void> {
    const {out, options} = this.ui
    if (releases.length === 0) return this.ui.log(`${out.app(app)} has no releases.`)
    const current = releases.find(release => release.current)
    this.ui.header(`${out.app(app)} Releases${current === undefined ? '' : ` - ${out.name(`Current: v${current.version}`)}`}`)
    const columns = options.stdout.isTTY ? options.stdout.columns : undefined
    await this.ui.table(releases, releaseColumns(releases, {palette: out, now: new Date(), columns}))
  }
}
