import type {AlertFrequency, SavedSearch} from '../schema/papertrail.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface SearchRequest {
  name: string
  query: string
  alert?: {frequency: AlertFrequency; minimum: number; webhook?: string}
}

/** Saved searches of an app with the papertrail add-on. */
export function papertrailResource(transport: Transport) {
  return {
    searches: (app: string) => transport.call<SavedSearch[]>('GET', path`/apps/${app}/papertrail/searches`),
    /** One of that name is replaced. */
    save: (app: string, body: SearchRequest) => transport.call<SavedSearch>('POST', path`/apps/${app}/papertrail/searches`, {body}),
    /** By name or id. */
    remove: (app: string, search: string) => transport.call<SavedSearch>('DELETE', path`/apps/${app}/papertrail/searches/${search}`),
  }
}
