import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {needContainerStack} from '../../lib/cli/container-stack.js'
import {appFlags} from '../../lib/cli/flags.js'
import {showReleaseOutput} from '../../lib/cli/release-output.js'
import type {Platform} from '../../lib/client/platform.js'
import {poll} from '../../lib/client/poll.js'

export default class ContainerRelease extends BaseCommand {
  static override description =
    'releases previously pushed Docker images to your app\nAn image that was pushed as release runs as the release command.'
  static override usage = 'container:release PROCESS_TYPE... [FLAGS]'
  static override examples = ['<%= config.bin %> container:release web', '<%= config.bin %> container:release web worker']
  static override strict = false
  static override flags = {...appFlags, verbose: boolean({char: 'v', hidden: true})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ContainerRelease)
    const types = argv as string[]
    if (types.length === 0) throw usageError('Requires one or more process types\n\nExample: hokku container:release web worker')
    const {platform, app} = await this.target(flags)
    await needContainerStack(platform, this.ui, app, 'release')
    const images = await pushedImages(platform, app, types)
    const before = await platform.releases.newest(app)
    await this.ui.action(`Releasing images ${types.join(',')} to ${this.ui.err.app(app)}`, () =>
      platform.containerImages.release(app, images),
    )
    const release = await platform.releases.newest(app)
    if (release === undefined || release.id === before?.id || release.output_stream_url === null) return
    this.ui.log('Running release command...')
    await showReleaseOutput(platform, this.ui, release.output_stream_url, 'The release command has not begun yet.')
    const ended = await poll(
      () => platform.releases.info(app, release.id),
      now => now.status !== 'pending',
      0.25,
    )
    if (ended.status === 'failed') throw new CommandError('release command failed', {id: 'release_failed'})
  }
}

async function pushedImages(platform: Platform, app: string, types: string[]) {
  const pushed = await platform.containerImages.list(app)
  return types.map(type => {
    const image = pushed.find(one => one.type === type)
    if (image === undefined)
      throw new CommandError(`No image was pushed for ${type}. Push one with: hokku container:push ${type}`, {id: 'not_found'})
    return {type, docker_image: image.docker_image}
  })
}
