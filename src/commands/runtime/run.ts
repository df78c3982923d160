import {BaseCommand} from '../../lib/cli/base-command.js'
import {runInForeground} from '../../lib/client/launch.js'
import {resolveHome} from '../../lib/schema/home.js'

export default class RuntimeRun extends BaseCommand {
  static override description = 'run the runtime in this terminal until Ctrl-C\nApps keep running when it ends.'

  async run(): Promise<void> {
    await this.parse(RuntimeRun)
    const code = await runInForeground(resolveHome(this.env), this.env)
    if (code !== 0) this.exit(code)
  }
}
