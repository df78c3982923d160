import {BaseCommand} from '../../lib/cli/base-command.js'

export default class StackUpdate extends BaseCommand {
  static override description = `build the stack anew, with the packages that Debian has now
Each app gets it with its next build; dynos that run keep what they have. The old images go when no slug needs them (builds:prune).`
  static override examples = ['<%= config.bin %> stack:update']

  async run(): Promise<void> {
    await this.parse(StackUpdate)
    const platform = await this.connect()
    const {images} = await this.ui.action('Updating the stack', () => platform.runtime.updateStack())
    for (const image of images) this.ui.log(image)
    this.ui.log('Apps use it from their next build on.')
  }
}
