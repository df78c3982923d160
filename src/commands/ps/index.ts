import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {dynoGroups} from '../../lib/cli/formats/dynos.js'
import type {Platform} from '../../lib/client/platform.js'
import type {Dyno} from '../../lib/schema/resources.js'

export default class Ps extends BaseCommand {
  static override description = 'list dynos for an app'
  static override usage = 'ps [TYPE [TYPE ...]]'
  static override examples = ['<%= config.bin %> ps --app demo', '<%= config.bin %> ps web worker --app demo']
  static override enableJsonFlag = true
  static override strict = false
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Dyno[]> {
    const {flags, argv} = await this.parse(Ps)
    const types = argv as string[]
    const {platform, app} = await this.target(flags)
    const all = await platform.dynos.list(app)
    const missing = types.find(type => !all.some(dyno => dyno.type === type))
    if (missing !== undefined) throw new CommandError(`No ${missing} dynos on ${app}`)
    const dynos = types.length === 0 ? all : all.filter(dyno => types.includes(dyno.type))
    if (!this.jsonEnabled()) this.show(app, dynos)
    if (dynos.length === 0 || dynos.some(({state}) => state !== 'up' && state !== 'idle')) await this.explain(platform)
    return dynos
  }

  /** Dynos that do not run for want of an engine did nothing wrong themselves. */
  private async explain(platform: Platform): Promise<void> {
    const {engine_problem: problem} = await platform.runtime.doctor()
    if (problem === null) return
    const what = problem.message.replace(/ Tried:[\s\S]*$/, '')
    this.ui.warn(`${what} Dynos start again when that is mended; hokku doctor says more.`)
  }

  private show(app: string, dynos: Dyno[]): void {
    if (dynos.length === 0) this.ui.log(`No dynos on ${this.ui.out.app(app)}`)
    for (const {title, lines} of dynoGroups(dynos, this.ui.out, new Date())) {
      this.ui.header(title)
      for (const line of lines) this.ui.log(line)
      this.ui.log()
    }
  }
}
