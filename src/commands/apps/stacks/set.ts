import {string} from '@oclif/core/args'
import {BaseCommand} from '../../../lib/cli/base-command.js'
import {appFlags} from '../../../lib/cli/flags.js'

export default class AppsStacksSet extends BaseCommand {
  static override description = 'set the stack of an app'
  static override aliases = ['stack:set']
  static override args = {stack: string({description: 'unique name of the stack', required: true})}
  static override flags = {...appFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AppsStacksSet)
    const {platform, app: name} = await this.target(flags)
    const title = `Setting stack to ${this.ui.err.name(args.stack)}`
    const app = await this.ui.action(title, () => platform.apps.update(name, {build_stack: args.stack}))
    if (app.stack.name === app.build_stack.name) return
    this.ui.log(`You will need to redeploy ${this.ui.out.app(name)} for the change to take effect.`)
    this.ui.log(`Run ${this.ui.out.command('git push hokku main')} to trigger a new build on ${this.ui.out.app(name)}.`)
  }
}
