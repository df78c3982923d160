import {string} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {buildpackNames, showBuildpackChange, withoutBuildpack} from '../../lib/cli/buildpack-list.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class BuildpacksRemove extends BaseCommand {
  static override description = 'remove a buildpack set on the app'
  static override examples = [
    '<%= config.bin %> buildpacks:remove heroku/nodejs --app demo',
    '<%= config.bin %> buildpacks:remove --index 2 --app demo',
  ]
  static override args = {buildpack: string({description: 'namespace/name or URL of the buildpack'})}
  static override flags = {
    ...appFlags,
    index: integer({char: 'i', description: 'the 1-based index of the buildpack to remove', min: 1}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(BuildpacksRemove)
    const what = {buildpack: args.buildpack, index: flags.index}
    if ((what.buildpack === undefined) === (what.index === undefined))
      throw usageError('Please name the buildpack to remove, either by index or by URL, but not both.')
    const {platform, app} = await this.target(flags)
    const before = buildpackNames(await platform.buildpacks.list(app))
    if (before.length === 0) throw new CommandError(`No buildpacks were found. Next release on ${app} will detect buildpack normally.`)
    const after = await platform.buildpacks.set(app, withoutBuildpack(before, what))
    showBuildpackChange(this.ui, {app, names: buildpackNames(after), done: 'Buildpack removed', remote: flags.remote ?? 'hokku'})
  }
}
