import type {Collection} from '../schema/collection.js'
import type {BackedUpImages, RestoreState} from '../schema/platform-backup.js'
import type {RuntimeDoctor} from '../schema/runtime-doctor.js'
import type {RuntimeStatus} from '../schema/runtime-status.js'
import type {Transport} from './transport.js'

export function runtimeResource(transport: Transport) {
  return {
    status: () => transport.call<RuntimeStatus>('GET', '/runtime'),
    doctor: () => transport.call<RuntimeDoctor>('GET', '/runtime/doctor'),
    /** Removes what nobody needs any more, or tells what that is. */
    prune: (wanted: {dry_run: boolean; keep?: number; cache: 'old' | 'all'}) =>
      transport.call<Collection>('POST', '/runtime/prune', {body: wanted}),
    /** Takes as long as the packages take to come. */
    updateStack: () => transport.call<{images: string[]}>('POST', '/runtime/update-stack'),
    /** The home as a tar (`platform-backup.ts`). */
    backup: ({images}: {images: BackedUpImages}) => transport.stream('GET', `/runtime/backup?images=${images}`),
    restoring: () => transport.call<RestoreState>('GET', '/runtime/restore'),
    /** Asks only; `stopRuntime` in connect.ts waits too. */
    stop: () => transport.call<unknown>('POST', '/runtime/stop'),
  }
}
