import {BaseCommand} from '../../lib/cli/base-command.js'
import {buildpackNames} from '../../lib/cli/buildpack-list.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {BuildpackInstallation} from '../../lib/schema/resources.js'

export default class Buildpacks extends BaseCommand {
  static override description = 'list the buildpacks on an app'
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<BuildpackInstallation[]> {
    const {flags} = await this.parse(Buildpacks)
    const {platform, app} = await this.target(flags)
    const installations = await platform.buildpacks.list(app)
    if (!this.jsonEnabled()) this.show(app, buildpackNames(installations))
    return installations
  }

  private show(app: string, names: string[]): void {
    const title = this.ui.out.app(app)
    if (names.length === 0) this.ui.log(`${title} has no Buildpacks.`)
    else this.ui.header(`${title} ${names.length === 1 ? 'Buildpack' : 'Buildpacks'}`)
    for (const [at, name] of names.entries()) this.ui.log(names.length === 1 ? name : `${at + 1}. ${name}`)
  }
}
