import {userInfo} from 'node:os'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {type Service, serviceEnvironment} from '../../lib/cli/service-files.js'
import {install, supervisorFor, thisMachine} from '../../lib/cli/service-install.js'
import {findRuntime, stopRuntime} from '../../lib/client/connect.js'
import {runtimeArguments} from '../../lib/client/launch.js'
import {resolveHome} from '../../lib/schema/home.js'

export default class RuntimeInstall extends BaseCommand {
  static override description = `have the runtime started with this machine
Registers it with systemd (as this user's unit, or with --system the machine's) or launchd, so that apps return after a reboot.`
  static override examples = ['<%= config.bin %> runtime:install', '<%= config.bin %> runtime:install --print']
  static override flags = {
    print: boolean({description: 'print the unit or plist and change nothing'}),
    system: boolean({description: 'install a unit of the system; needs root'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(RuntimeInstall)
    const supervisor = supervisorFor(thisMachine(this.env), flags.system ? 'system' : 'user')
    if (flags.print) return this.ui.log(supervisor.content(this.service()).trimEnd())
    await this.ui.action(
      `Installing ${this.ui.err.name(supervisor.file)}`,
      async () => {
        // One runtime a home: the one in the background would keep the service from starting.
        const present = await findRuntime(this.env)
        if (present !== undefined) await stopRuntime(present)
        await install(supervisor, this.service())
      },
      () => 'done, the runtime is started with this machine',
    )
  }

  private service(): Service {
    const {root, runtimeLog} = resolveHome(this.env)
    return {
      command: [process.execPath, ...runtimeArguments()],
      home: root,
      log: runtimeLog,
      user: this.env['SUDO_USER'] || userInfo().username,
      env: serviceEnvironment(this.env),
    }
  }
}
