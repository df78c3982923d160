import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {needContainerStack} from '../../lib/cli/container-stack.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class ContainerRm extends BaseCommand {
  static override description = 'remove the process type from your app'
  static override usage = 'container:rm PROCESS_TYPE... [FLAGS]'
  static override examples = ['<%= config.bin %> container:rm web', '<%= config.bin %> container:rm web worker']
  static override strict = false
  static override flags = appFlags

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ContainerRm)
    if (argv.length === 0) throw usageError('Requires one or more process types\n\nExample: hokku container:rm worker')
    const {platform, app} = await this.target(flags)
    await needContainerStack(platform, this.ui, app, 'rm')
    for (const type of argv as string[])
      await this.ui.action(`Removing container ${type} for ${this.ui.err.app(app)}`, () => platform.containerImages.remove(app, type))
  }
}
