import {BaseCommand} from '../../lib/cli/base-command.js'
import {findRuntime, stopRuntime} from '../../lib/client/connect.js'

export default class RuntimeStop extends BaseCommand {
  static override description = 'stop the runtime\nApps keep running; the next command that needs it starts it again.'

  async run(): Promise<void> {
    await this.parse(RuntimeStop)
    const platform = await findRuntime(this.env)
    if (!platform) {
      this.ui.note('The runtime is not running.')
      return
    }
    await this.ui.action('Stopping the runtime', () => stopRuntime(platform))
  }
}
