import type {ConfigChanges, ConfigVars} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function configVarsResource(transport: Transport) {
  return {
    list: (app: string) => transport.call<ConfigVars>('GET', path`/apps/${app}/config-vars`),
    /** null removes. Answers with all config vars. */
    update: (app: string, changes: ConfigChanges) => transport.call<ConfigVars>('PATCH', path`/apps/${app}/config-vars`, {body: changes}),
  }
}
