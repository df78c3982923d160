import type {FormationUpdate} from '../schema/formation.js'
import type {Formation} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function formationResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<Formation>(path`/apps/${app}/formation`),
    /** Answers the whole formation as it will be. */
    update: (app: string, updates: FormationUpdate[]) =>
      transport.call<Formation[]>('PATCH', path`/apps/${app}/formation`, {body: {updates}}),
  }
}
