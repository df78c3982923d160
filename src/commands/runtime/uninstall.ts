import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {supervisorFor, thisMachine, uninstall} from '../../lib/cli/service-install.js'

export default class RuntimeUninstall extends BaseCommand {
  static override description = `no longer have the runtime started with this machine
Apps keep running, and any command that needs the runtime starts it again.`
  static override flags = {system: boolean({description: 'the unit of the system; needs root'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(RuntimeUninstall)
    const supervisor = supervisorFor(thisMachine(this.env), flags.system ? 'system' : 'user')
    const title = `Uninstalling ${this.ui.err.name(supervisor.file)}`
    await this.ui.action(
      title,
      () => uninstall(supervisor),
      found => (found ? 'done' : 'was not installed'),
    )
  }
}
