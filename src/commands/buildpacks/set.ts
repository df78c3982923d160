import {string} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {buildpackNames, namedBuildpack, showBuildpackChange, withBuildpackAt} from '../../lib/cli/buildpack-list.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {BuildpackInstallation} from '../../lib/schema/resources.js'

export default class BuildpacksSet extends BaseCommand {
  static override description = 'set new app buildpack, overwriting into list of buildpacks if necessary'
  static override examples = [
    '<%= config.bin %> buildpacks:set heroku/nodejs --app demo',
    '<%= config.bin %> buildpacks:set https://github.com/heroku/heroku-buildpack-ruby#main',
    '<%= config.bin %> buildpacks:set ./my-buildpack',
  ]
  static override enableJsonFlag = true
  static override args = {buildpack: string({description: 'namespace/name, URL or folder of the buildpack', required: true})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    index: integer({char: 'i', description: 'the 1-based index of the buildpack in the list', min: 1}),
  }

  async run(): Promise<BuildpackInstallation[]> {
    const {flags, args} = await this.parse(BuildpacksSet)
    const {platform, app} = await this.target(flags)
    const before = buildpackNames(await platform.buildpacks.list(app))
    const after = await platform.buildpacks.set(app, withBuildpackAt(before, namedBuildpack(args.buildpack, process.cwd()), flags.index))
    if (!this.jsonEnabled())
      showBuildpackChange(this.ui, {app, names: buildpackNames(after), done: 'Buildpack set', remote: flags.remote ?? 'hokku'})
    return after
  }
}
