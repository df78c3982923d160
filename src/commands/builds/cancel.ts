import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Platform} from '../../lib/client/platform.js'
import {poll} from '../../lib/client/poll.js'

/** How often a canceled build is asked whether it has ended, in seconds. */
const interval = 0.1

export default class BuildsCancel extends BaseCommand {
  static override description = 'cancel a build that waits or runs\nWhat is released stays as it is.'
  static override examples = ['<%= config.bin %> builds:cancel --app demo']
  static override args = {build: string({description: 'id of the build; the newest unfinished one if omitted'})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(BuildsCancel)
    const {platform, app} = await this.target(flags)
    const build = args.build ?? (await this.unfinished(platform, app))
    await this.ui.action(`Canceling build ${this.ui.err.name(build)} on ${this.ui.err.app(app)}`, async () => {
      await platform.builds.cancel(app, build)
      await poll(
        () => platform.builds.info(app, build),
        ({status}) => status !== 'pending',
        interval,
      )
    })
  }

  private async unfinished(platform: Platform, app: string): Promise<string> {
    const found = (await platform.builds.list(app, {max: 100})).find(({status}) => status === 'pending')
    if (found === undefined) throw new CommandError(`No build of ${app} is running.`, {id: 'no_builds'})
    return found.id
  }
}
