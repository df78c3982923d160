import type {AppSetup} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface AppSetupRequest {
  app: {name?: string}
  source_blob: {url: string; version?: string}
  overrides: {env: Record<string, string>}
}

export function appSetupsResource(transport: Transport) {
  return {
    create: (request: AppSetupRequest) => transport.call<AppSetup>('POST', '/app-setups', {body: request}),
    info: (id: string) => transport.call<AppSetup>('GET', path`/app-setups/${id}`),
  }
}
