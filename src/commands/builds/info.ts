import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {findBuild} from '../../lib/cli/find-build.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {paintBuildStatus} from '../../lib/cli/formats/builds.js'
import {timeAgo} from '../../lib/cli/formats/time.js'
import type {Platform} from '../../lib/client/platform.js'
import type {Build} from '../../lib/schema/resources.js'

export default class BuildsInfo extends BaseCommand {
  static override description = 'view detailed information for a build'
  static override examples = ['<%= config.bin %> builds:info --app demo']
  static override enableJsonFlag = true
  static override args = {build: string({description: 'id of the build; the newest one if omitted'})}
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Build> {
    const {flags, args} = await this.parse(BuildsInfo)
    const {platform, app} = await this.target(flags)
    const build = await findBuild(platform, app, args.build)
    if (!this.jsonEnabled()) await this.show(platform, app, build)
    return build
  }

  private async show(platform: Platform, app: string, build: Build): Promise<void> {
    const {out} = this.ui
    const release = build.release === null ? undefined : await platform.releases.info(app, build.release.id)
    this.ui.header(`Build ${out.name(build.id)}`)
    this.ui.object({
      Status: paintBuildStatus(build, out),
      Version: build.source_blob.version,
      Release: release === undefined ? undefined : out.name(`v${release.version}`),
      Buildpacks: build.buildpacks?.map(({name, url}) => (name ?? url).replace(/^urn:buildpack:/, '')),
      Stack: build.stack,
      By: out.user(build.user.email),
      When: timeAgo(build.created_at, new Date()),
    })
  }
}
