import type {RuntimeDoctor} from '../schema/runtime-doctor.js'
import type {RuntimeStatus} from '../schema/runtime-status.js'
import type {Transport} from './transport.js'

export function runtimeResource(transport: Transport) {
  return {
    status: () => transport.call<RuntimeStatus>('GET', '/runtime'),
    doctor: () => transport.call<RuntimeDoctor>('GET', '/runtime/doctor'),
    /** Asks only; `stopRuntime` in connect.ts waits too. */
    stop: () => transport.call<unknown>('POST', '/runtime/stop'),
  }
}
