import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import type {Stack} from '../../lib/client/catalog.js'
import type {App} from '../../lib/schema/resources.js'

export default class StackList extends BaseCommand {
  static override description = 'show the list of available stacks'
  static override aliases = ['stacks', 'apps:stacks']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Stack[]> {
    const {flags} = await this.parse(StackList)
    const {platform, app} = await this.target(flags)
    const [found, stacks] = await Promise.all([platform.apps.info(app), platform.catalog.stacks()])
    if (!this.jsonEnabled()) this.show(found, stacks)
    return stacks
  }

  private show(app: App, stacks: Stack[]): void {
    this.ui.header(`${this.ui.out.app(app.name)} Available Stacks`)
    for (const {name} of [...stacks].sort((a, b) => a.name.localeCompare(b.name))) {
      const next = name === app.build_stack.name ? ' (active on next deploy)' : ''
      this.ui.log(name === app.stack.name ? this.ui.out.name(`* ${name}`) : `  ${name}${next}`)
    }
  }
}
