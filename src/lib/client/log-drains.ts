import type {LogDrain} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function logDrainsResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<LogDrain>(path`/apps/${app}/log-drains`),
    create: (app: string, url: string) => transport.call<LogDrain>('POST', path`/apps/${app}/log-drains`, {body: {url}}),
    /** By id, token or URL. */
    destroy: (app: string, drain: string) => transport.call<LogDrain>('DELETE', path`/apps/${app}/log-drains/${drain}`),
  }
}
