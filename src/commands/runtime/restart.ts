import {BaseCommand} from '../../lib/cli/base-command.js'
import {findRuntime, stopRuntime} from '../../lib/client/connect.js'
import {launch} from '../../lib/client/launch.js'
import {resolveHome} from '../../lib/schema/home.js'

export default class RuntimeRestart extends BaseCommand {
  static override description = 'stop the runtime and start it again\nApps keep running.'

  async run(): Promise<void> {
    await this.parse(RuntimeRestart)
    const platform = await findRuntime(this.env)
    await this.ui.action(platform ? 'Restarting the runtime' : 'Starting the runtime', async () => {
      if (platform) await stopRuntime(platform)
      await launch(resolveHome(this.env), this.env)
    })
  }
}
