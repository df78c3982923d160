import {existsSync} from 'node:fs'
import {string as argument} from '@oclif/core/args'
import {keyToOpen, openFlags} from '../../lib/cli/backup-keys.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {poll} from '../../lib/client/poll.js'
import {restoreHome} from '../../lib/client/restore-home.js'
import {isSealed, openBackup} from '../../lib/client/sealed-backup.js'
import type {PlatformBackup, RestoreState} from '../../lib/schema/platform-backup.js'

export default class RuntimeRestore extends BaseCommand {
  static override description = `bring back what runtime:backup has written
Into a home without apps: that of a new machine, or the one that HOKKU_HOME names. Data of an add-on that the engine still has is left as it is.`
  static override examples = ['<%= config.bin %> runtime:restore monday.age']
  static override args = {file: argument({required: true, description: 'file that runtime:backup has written'})}
  static override enableJsonFlag = true
  static override flags = {...openFlags, ...jsonFlags}

  async run(): Promise<PlatformBackup & Pick<RestoreState, 'restored' | 'kept'>> {
    const {args, flags} = await this.parse(RuntimeRestore)
    const {file} = args
    if (!existsSync(file)) throw new CommandError(`There is no file ${file}.`, {id: 'no_file'})
    const key = (await isSealed(file)) ? await keyToOpen(this.ui, flags) : undefined
    const backup = await this.ui.action(
      `Restoring ${this.ui.err.name(file)}`,
      () => restoreHome(this.env, () => openBackup(file, key)),
      ({apps, addons, created_at: at}) => `done, ${apps.length} apps and ${addons.length} add-ons of ${at}`,
    )
    const {restored, kept} = await this.giveToEngine()
    for (const name of kept) this.ui.warn(`The engine had data of ${name} already, which was left as it is.`)
    if (backup.images === 0 && backup.apps.length > 0) this.ui.warn('The backup has no images: apps start when they are pushed again.')
    return {...backup, restored, kept}
  }

  /** Starts the runtime and waits until it has given the engine what the backup had for it. */
  private async giveToEngine(): Promise<RestoreState> {
    const platform = await this.connect()
    const state = await this.ui.action('Restoring data and images', () =>
      poll(
        () => platform.runtime.restoring(),
        ({pending, problem}) => !pending || problem !== null,
        1,
      ),
    )
    if (state.problem === null) return state
    throw new CommandError(
      `The home is restored, but its data does not reach the engine yet: ${state.problem} The runtime tries again by itself; apps start then.`,
      {id: 'restore_pending', suggestions: ['hokku runtime:status']},
    )
  }
}
