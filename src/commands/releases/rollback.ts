import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findRollbackTarget} from '../../lib/cli/find-release.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {followRelease} from '../../lib/cli/release-output.js'
import type {Release} from '../../lib/schema/resources.js'

export default class ReleasesRollback extends BaseCommand {
  static override description = `roll back to a previous release
If RELEASE is not specified, it will roll back to the last eligible release.`
  static override examples = ['<%= config.bin %> rollback v3 --app demo']
  static override hiddenAliases = ['rollback']
  static override enableJsonFlag = true
  static override args = {release: string({description: 'version of the release (v4); the previous eligible one if omitted'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Release> {
    const {flags, args} = await this.parse(ReleasesRollback)
    const {platform, app} = await this.target(flags)
    const target = await findRollbackTarget(platform, app, args.release)
    const {err} = this.ui
    const latest = await this.ui.action(
      `Rolling back ${err.app(app)} to ${err.name(`v${target.version}`)}`,
      () => platform.releases.create(app, {release: target.id}),
      release => `done, ${err.name(`v${release.version}`)}`,
    )
    this.ui.warn("Rollback affects code and config vars; it doesn't add or remove addons.")
    this.ui.warn(`To undo, run: ${err.command(`hokku rollback v${latest.version - 1}`)}`)
    await followRelease(platform, this.ui, latest, 'Release command starting. Use `hokku releases:output` to view the log.')
    return latest
  }
}
