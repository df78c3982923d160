import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {formationLine, noProcessTypes} from '../../lib/cli/formats/formation.js'
import {type FormationUpdate, parseScale} from '../../lib/schema/formation.js'
import type {Formation} from '../../lib/schema/resources.js'

export default class PsScale extends BaseCommand {
  static override description = `scale dyno quantity up or down
Appending a size (eg. web=2:Standard-2X) allows simultaneous scaling and resizing.
Without arguments the current formation is displayed, in a form that can be passed back to ps:scale.`
  static override usage = 'ps:scale [TYPE=QUANTITY[:SIZE] ...]'
  static override examples = ['<%= config.bin %> ps:scale web=3:Standard-2X worker+1 --app demo', '<%= config.bin %> ps:scale --app demo']
  static override aliases = ['dyno:scale']
  static override hiddenAliases = ['scale']
  static override enableJsonFlag = true
  static override strict = false
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Formation[]> {
    const {flags, argv} = await this.parse(PsScale)
    const updates = (argv as string[]).map(readScale)
    const {platform, app} = await this.target(flags)
    if (updates.length === 0) return this.show(app, await platform.formation.list(app))
    return this.ui.action(
      'Scaling dynos',
      () => platform.formation.update(app, updates),
      formation => `done, now running ${this.describe(formation, updates)}`,
    )
  }

  private describe(formation: Formation[], updates: FormationUpdate[]): string {
    return formation
      .filter(one => updates.some(({type}) => type === one.type))
      .map(one => `${this.ui.err.name(one.type)} at ${one.quantity}:${one.size}`)
      .join(', ')
  }

  private show(app: string, formation: Formation[]): Formation[] {
    if (this.jsonEnabled()) return formation
    if (formation.length === 0) throw noProcessTypes(app)
    this.ui.log(formationLine(formation))
    return formation
  }
}

function readScale(argument: string): FormationUpdate {
  const update = parseScale(argument)
  if (update === undefined)
    throw usageError(
      `${argument} is not a scale: expected TYPE=QUANTITY, TYPE+QUANTITY or TYPE-QUANTITY, with :SIZE if it is to change (web=2:standard-2x).`,
    )
  return update
}
