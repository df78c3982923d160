import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findBuild} from '../../lib/cli/find-build.js'
import {appFlags} from '../../lib/cli/flags.js'
import {followBuild} from '../../lib/cli/follow-build.js'

export default class BuildsOutput extends BaseCommand {
  static override description = 'show the output of a build, to its end if it still runs'
  static override examples = ['<%= config.bin %> builds:output --app demo']
  static override args = {build: string({description: 'id of the build; the newest one if omitted'})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(BuildsOutput)
    const {platform, app} = await this.target(flags)
    await followBuild(platform, app, await findBuild(platform, app, args.build), text => this.ui.options.stdout.write(text))
  }
}
