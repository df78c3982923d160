import type {Release} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function releasesResource(transport: Transport) {
  return {
    /** Newest first. */
    list: (app: string, {max}: {max: number}) =>
      transport.list<Release>(path`/apps/${app}/releases`, {range: `version ..; order=desc,max=${max}`}),
    newest: async (app: string): Promise<Release | undefined> =>
      (await transport.list<Release>(path`/apps/${app}/releases`, {range: 'version ..; order=desc,max=1'}))[0],
  }
}
