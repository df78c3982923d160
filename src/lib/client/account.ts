import type {Account} from '../schema/resources.js'
import type {Transport} from './transport.js'

export function accountResource(transport: Transport) {
  return {
    show: () => transport.call<Account>('GET', '/account'),
  }
}
