import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class StackSet extends BaseCommand {
  static override description = 'set the stack of an app'
  static override examples = ['<%= config.bin %> stack:set container --app demo']
  static override aliases = ['apps:stacks:set']
  static override args = {stack: string({description: 'unique name or identifier of the stack', required: true})}
  static override flags = appFlags

  async run(): Promise<void> {
    const {flags, args} = await this.parse(StackSet)
    const {platform, app} = await this.target(flags)
    const {out, err} = this.ui
    const changed = await this.ui.action(`Setting stack to ${err.name(args.stack)}`, () =>
      platform.apps.update(app, {build_stack: args.stack}),
    )
    if (changed.stack.name === changed.build_stack.name) return
    this.ui.log(`You will need to redeploy ${out.app(app)} for the change to take effect.`)
    this.ui.log(`Run ${out.command(`git push ${flags.remote ?? 'hokku'} main`)} to trigger a new build on ${out.app(app)}.`)
  }
}
