import type {Domain} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function domainsResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<Domain>(path`/apps/${app}/domains`),
    info: (app: string, hostname: string) => transport.call<Domain>('GET', path`/apps/${app}/domains/${hostname}`),
    create: (app: string, domain: {hostname: string; sni_endpoint: string | null}) =>
      transport.call<Domain>('POST', path`/apps/${app}/domains`, {body: domain}),
    update: (app: string, hostname: string, domain: {sni_endpoint: string | null}) =>
      transport.call<Domain>('PATCH', path`/apps/${app}/domains/${hostname}`, {body: domain}),
    destroy: (app: string, hostname: string) => transport.call<Domain>('DELETE', path`/apps/${app}/domains/${hostname}`),
  }
}
