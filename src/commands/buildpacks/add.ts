import {string} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {buildpackNames, namedBuildpack, showBuildpackChange, withBuildpack} from '../../lib/cli/buildpack-list.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {BuildpackInstallation} from '../../lib/schema/resources.js'

export default class BuildpacksAdd extends BaseCommand {
  static override description = 'add new app buildpack, inserting into list of buildpacks if necessary'
  static override examples = ['<%= config.bin %> buildpacks:add heroku/nodejs --index 1 --app demo']
  static override enableJsonFlag = true
  static override args = {buildpack: string({description: 'namespace/name, URL or folder of the buildpack', required: true})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    index: integer({char: 'i', description: 'the 1-based index of the buildpack in the list', min: 1}),
  }

  async run(): Promise<BuildpackInstallation[]> {
    const {flags, args} = await this.parse(BuildpacksAdd)
    const {platform, app} = await this.target(flags)
    const before = buildpackNames(await platform.buildpacks.list(app))
    const after = await platform.buildpacks.set(app, withBuildpack(before, namedBuildpack(args.buildpack, process.cwd()), flags.index))
    if (!this.jsonEnabled())
      showBuildpackChange(this.ui, {app, names: buildpackNames(after), done: 'Buildpack added', remote: flags.remote ?? 'hokku'})
    return after
  }
}
