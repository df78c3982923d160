import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../../lib/cli/flags.js'
import type {Stack} from '../../../lib/client/catalog.js'

export default class AppsStacks extends BaseCommand {
  static override description = 'show the list of available stacks'
  static override aliases = ['stack', 'stacks']
  static override enableJsonFlag = true
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Stack[]> {
    const {flags} = await this.parse(AppsStacks)
    const {platform, app: name} = await this.target(flags)
    const [app, stacks] = await Promise.all([platform.apps.info(name), platform.catalog.stacks()])
    if (this.jsonEnabled()) return stacks
    this.ui.header(`${this.ui.out.app(app.name)} Available Stacks`)
    for (const stack of stacks.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const next = app.build_stack.name === stack.name && app.stack.name !== stack.name
      this.ui.log(`${app.stack.name === stack.name ? '*' : ' '} ${stack.name}${next ? ' (active on next deploy)' : ''}`)
    }
    return stacks
  }
}
