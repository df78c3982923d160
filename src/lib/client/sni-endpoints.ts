import type {App, SniEndpoint} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** PEM texts. */
export interface CertificateAndKey {
  certificate_chain: string
  private_key: string
}

export function sniEndpointsResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<SniEndpoint>(path`/apps/${app}/sni-endpoints`),
    create: (app: string, body: CertificateAndKey) => transport.call<SniEndpoint>('POST', path`/apps/${app}/sni-endpoints`, {body}),
    update: (app: string, name: string, body: CertificateAndKey) =>
      transport.call<SniEndpoint>('PATCH', path`/apps/${app}/sni-endpoints/${name}`, {body}),
    destroy: (app: string, name: string) => transport.call<SniEndpoint>('DELETE', path`/apps/${app}/sni-endpoints/${name}`),
  }
}

/** Automatic Certificate Management. */
export function acmResource(transport: Transport) {
  return {
    enable: (app: string) => transport.call<App>('POST', path`/apps/${app}/acm`, {body: {}}),
    refresh: (app: string) => transport.call<App>('PATCH', path`/apps/${app}/acm`, {body: {acm_refresh: true}}),
    disable: (app: string) => transport.call<App>('DELETE', path`/apps/${app}/acm`),
  }
}
