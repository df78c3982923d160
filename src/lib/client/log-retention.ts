import type {LogRetention} from '../schema/log-retention.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function logRetentionResource(transport: Transport) {
  return {
    info: (app: string) => transport.call<LogRetention>('GET', path`/apps/${app}/log-retention`),
    update: (app: string, changes: Partial<LogRetention>) =>
      transport.call<LogRetention>('PATCH', path`/apps/${app}/log-retention`, {body: changes}),
    reset: (app: string) => transport.call<LogRetention>('DELETE', path`/apps/${app}/log-retention`),
  }
}
