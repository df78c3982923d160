import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findRelease} from '../../lib/cli/find-release.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {paintStatus, releaseStatus} from '../../lib/cli/formats/releases.js'
import {shellQuote} from '../../lib/cli/formats/styled.js'
import type {Release} from '../../lib/schema/resources.js'

export default class ReleasesInfo extends BaseCommand {
  static override description = 'view detailed information for a release'
  static override examples = ['<%= config.bin %> releases:info v4 --app demo']
  static override enableJsonFlag = true
  static override args = {release: string({description: 'version of the release (v4); the newest one if omitted'})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    shell: boolean({char: 's', description: 'output config vars in shell format'}),
  }

  async run(): Promise<Release> {
    const {flags, args} = await this.parse(ReleasesInfo)
    const {platform, app} = await this.target(flags)
    const release = await findRelease(platform, app, args.release)
    if (this.jsonEnabled()) return release
    const configVars = await platform.releases.configVars(app, release.version)
    this.show(release)
    this.ui.log()
    this.ui.header(`${this.ui.out.name(`v${release.version}`)} Config vars`)
    if (flags.shell) for (const [key, value] of Object.entries(configVars)) this.ui.log(`${key}=${shellQuote(value)}`)
    else this.ui.object(configVars)
    return release
  }

  private show(release: Release): void {
    const {out} = this.ui
    const status = releaseStatus(release)
    this.ui.header(`Release ${out.name(`v${release.version}`)}`)
    this.ui.object({
      'Add-ons': release.addon_plan_names,
      By: out.user(release.user.email),
      Change: status === undefined ? release.description : `${release.description} (${paintStatus(release, status, out, out.name)})`,
      'Eligible for Rollback?': release.eligible_for_rollback ? 'Yes' : 'No',
      When: release.created_at,
    })
  }
}
