import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findRelease} from '../../lib/cli/find-release.js'
import {appFlags} from '../../lib/cli/flags.js'
import {showReleaseOutput} from '../../lib/cli/release-output.js'

export default class ReleasesOutput extends BaseCommand {
  static override description = 'view the release command output'
  static override examples = ['<%= config.bin %> releases:output v4 --app demo']
  static override args = {release: string({description: 'version of the release (v4); the newest one if omitted'})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(ReleasesOutput)
    const {platform, app} = await this.target(flags)
    const release = await findRelease(platform, app, args.release)
    const url = release.output_stream_url
    if (url === null) return this.ui.warn(`Release v${release.version} has no release output available.`)
    await showReleaseOutput(platform, this.ui, url, 'Release command not started yet. Please try again in a few seconds.')
  }
}
