import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findRelease} from '../../lib/cli/find-release.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {followRelease} from '../../lib/cli/release-output.js'
import type {Platform} from '../../lib/client/platform.js'
import type {Release} from '../../lib/schema/resources.js'

export default class ReleasesRetry extends BaseCommand {
  static override description = `retry the latest release-phase command
Copies the latest release into a new release and runs its release command again.`
  static override examples = ['<%= config.bin %> releases:retry --app demo']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Release> {
    const {flags} = await this.parse(ReleasesRetry)
    const {platform, app} = await this.target(flags)
    const release = await findRelease(platform, app, undefined)
    const slug = await releasedSlug(platform, app, release)
    const {err} = this.ui
    const retry = await this.ui.action(
      `Retrying ${err.name(`v${release.version}`)} on ${err.app(app)}`,
      () => platform.releases.create(app, {slug, description: `Retry of v${release.version}: ${release.description}`}),
      latest => `done, ${err.name(`v${latest.version}`)}`,
    )
    await followRelease(platform, this.ui, retry, `Release command starting. Use \`hokku releases:output --app ${app}\` to view the log.`)
    return retry
  }
}

async function releasedSlug(platform: Platform, app: string, release: Release): Promise<string> {
  const formation = await platform.formation.list(app)
  if (release.slug === null || !formation.some(({type}) => type === 'release'))
    throw new CommandError('App must have a release-phase command to use this command.')
  return release.slug.id
}
