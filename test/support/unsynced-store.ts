import {openStore, type Store} from '../../src/lib/runtime/store/store.js'

/** The store of a home, without waiting for the disk at each commit: a kill loses nothing of it, and no test cuts the power. */
export function unsyncedStore(path: string): Promise<Store> {
  return openStore(path, 'OFF')
}
