import {string} from '@oclif/core/flags'
import type {DynoChoice} from '../client/dynos.js'
import type {Ui} from './ui.js'

/** Which dynos ps:restart and ps:stop are about. */
export const dynoChoiceFlags = {
  'dyno-name': string({char: 'd', description: 'name of the dyno'}),
  'process-type': string({char: 'p', description: 'name of the process type', exclusive: ['dyno-name']}),
}

/** The choice and its words: `all web dynos`, `dyno web.1`, `all dynos`. */
export function dynoChoice(
  ui: Ui,
  flags: {'dyno-name'?: string | undefined; 'process-type'?: string | undefined},
  args: {dyno?: string | undefined},
): {what: DynoChoice; title: string} {
  const type = flags['process-type']
  const dyno = flags['dyno-name'] ?? args.dyno
  if (type !== undefined) return {what: {type}, title: `all ${ui.err.name(type)} dynos`}
  return dyno === undefined ? {what: {}, title: 'all dynos'} : {what: {dyno}, title: `dyno ${ui.err.name(dyno)}`}
}
