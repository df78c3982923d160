import {BaseCommand} from '../../lib/cli/base-command.js'
import {showBuildpackChange} from '../../lib/cli/buildpack-list.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class BuildpacksClear extends BaseCommand {
  static override description = 'clear all buildpacks set on the app'
  static override examples = ['<%= config.bin %> buildpacks:clear --app demo']
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(BuildpacksClear)
    const {platform, app} = await this.target(flags)
    await platform.buildpacks.set(app, [])
    showBuildpackChange(this.ui, {app, names: [], done: 'Buildpacks cleared', remote: flags.remote ?? 'hokku'})
  }
}
