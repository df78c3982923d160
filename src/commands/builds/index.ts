import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {buildColumns} from '../../lib/cli/formats/builds.js'
import type {Build} from '../../lib/schema/resources.js'

export default class Builds extends BaseCommand {
  static override description = 'list the builds of an app, newest first'
  static override examples = ['<%= config.bin %> builds --num 5 --app demo']
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    num: integer({char: 'n', description: 'number of builds to show', default: 15, min: 1, max: 1000}),
  }

  async run(): Promise<Build[]> {
    const {flags} = await this.parse(Builds)
    const {platform, app} = await this.target(flags)
    const builds = await platform.builds.list(app, {max: flags.num})
    if (!this.jsonEnabled()) await this.show(app, builds)
    return builds
  }

  private async show(app: string, builds: Build[]): Promise<void> {
    const {out} = this.ui
    if (builds.length === 0) return this.ui.log(`${out.app(app)} has no builds.`)
    this.ui.header(`${out.app(app)} Builds`)
    await this.ui.table(builds, buildColumns(out, new Date()))
  }
}
