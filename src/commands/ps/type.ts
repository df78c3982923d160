import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {dynoTotals, formationRows, noProcessTypes} from '../../lib/cli/formats/formation.js'
import type {Platform} from '../../lib/client/platform.js'
import {type FormationUpdate, parseResize} from '../../lib/schema/formation.js'
import type {Formation} from '../../lib/schema/resources.js'

export default class PsType extends BaseCommand {
  static override description = `manage dyno sizes
Without arguments the current sizes are displayed. With one SIZE all process types get it; with TYPE=SIZE arguments those types do.`
  static override usage = 'ps:type [SIZE | TYPE=SIZE ...]'
  static override examples = ['<%= config.bin %> ps:type --app demo', '<%= config.bin %> ps:type web=standard-2x worker=basic --app demo']
  static override aliases = ['ps:resize', 'dyno:resize']
  static override hiddenAliases = ['resize', 'dyno:type']
  static override enableJsonFlag = true
  static override strict = false
  static override flags = {...appFlags, ...jsonFlags}

  async run(): Promise<Formation[]> {
    const {flags, argv} = await this.parse(PsType)
    const {platform, app} = await this.target(flags)
    const words = argv as string[]
    if (words.length > 0) await this.resize(platform, app, words)
    const formation = await platform.formation.list(app)
    if (!this.jsonEnabled()) await this.show(app, formation)
    return formation
  }

  private async resize(platform: Platform, app: string, words: string[]): Promise<void> {
    const types = (await platform.formation.list(app)).map(({type}) => type)
    const updates = readSizes(words, types)
    await this.ui.action(`Scaling dynos on ${this.ui.err.app(app)}`, () => platform.formation.update(app, updates))
  }

  private async show(app: string, formation: Formation[]): Promise<void> {
    if (formation.length === 0) throw noProcessTypes(app)
    const {out} = this.ui
    this.ui.header('Process Types')
    await this.ui.table(formationRows(formation), {
      type: row => out.name(row.type),
      size: row => out.number(row.size),
      qty: row => out.number(String(row.quantity)),
      'cost/hour': row => row.hourly,
      'max cost/month': row => row.monthly,
    })
    this.ui.log()
    this.ui.header('Dyno Totals')
    await this.ui.table(dynoTotals(formation), {type: row => out.name(row.size), total: row => out.number(String(row.total))})
    if (formation.some(({size}) => size === 'Eco')) this.ui.log('\n$5 (flat monthly fee, shared across all Eco dynos)')
  }
}

function readSizes(words: string[], types: string[]): FormationUpdate[] {
  const [size] = words
  if (words.length === 1 && size !== undefined && /^[\w-]+$/.test(size)) return types.map(type => ({type, size}))
  return words.map(word => {
    const update = parseResize(word)
    if (update === undefined)
      throw usageError(`${word} is not a size: expected one SIZE, or TYPE=SIZE for each process type (web=standard-2x).`)
    if (!types.includes(update.type))
      throw new CommandError(`Type ${update.type} not found in process formation.\nTypes: ${types.join(', ')}`)
    return update
  })
}
