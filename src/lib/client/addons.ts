import type {AddOn} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface AddOnRequest {
  /** `service:plan` or `service`. */
  plan: string
}

export function addonsResource(transport: Transport) {
  return {
    create: (app: string, {plan}: AddOnRequest) => transport.call<AddOn>('POST', path`/apps/${app}/addons`, {body: {plan}}),
    listFor: (app: string) => transport.list<AddOn>(path`/apps/${app}/addons`),
  }
}
