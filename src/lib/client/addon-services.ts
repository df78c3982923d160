import type {Readable} from 'node:stream'
import type {InstalledService} from '../schema/installed-service.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** Add-on services that were installed from a folder. */
export function addonServicesResource(transport: Transport) {
  return {
    list: () => transport.call<InstalledService[]>('GET', '/runtime/addon-services'),
    /** A folder as a gzipped tar. */
    install: (stream: Readable) =>
      transport.call<InstalledService>('POST', '/runtime/addon-services', {stream, headers: {'content-type': 'application/gzip'}}),
    uninstall: (service: string) => transport.call<InstalledService>('DELETE', path`/runtime/addon-services/${service}`),
  }
}
