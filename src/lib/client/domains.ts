import type {Domain} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function domainsResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<Domain>(path`/apps/${app}/domains`),
    create: (app: string, domain: {hostname: string; sni_endpoint: string | null}) =>
      transport.call<Domain>('POST', path`/apps/${app}/domains`, {body: domain}),
    destroy: (app: string, hostname: string) => transport.call<Domain>('DELETE', path`/apps/${app}/domains/${hostname}`),
  }
}
