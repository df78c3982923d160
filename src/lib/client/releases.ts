import type {IncomingMessage} from 'node:http'
import type {ConfigVars, Release} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** A rollback names a release to go back to; a retry a slug to release again. */
export type ReleaseRequest = {release: string} | {slug: string; description: string}

export function releasesResource(transport: Transport) {
  return {
    /** Newest first. */
    list: (app: string, {max}: {max: number}) =>
      transport.list<Release>(path`/apps/${app}/releases`, {range: `version ..; order=desc,max=${max}`}),
    newest: async (app: string): Promise<Release | undefined> =>
      (await transport.list<Release>(path`/apps/${app}/releases`, {range: 'version ..; order=desc,max=1'}))[0],
    /** By version (`4`) or id. */
    info: (app: string, release: string) => transport.call<Release>('GET', path`/apps/${app}/releases/${release}`),
    configVars: (app: string, version: number) => transport.call<ConfigVars>('GET', path`/apps/${app}/releases/${version}/config-vars`),
    create: (app: string, request: ReleaseRequest) => transport.call<Release>('POST', path`/apps/${app}/releases`, {body: request}),
    /** The output of a release command so far and what follows, until it ends. Throws not_found before it has begun. */
    output: (url: string): Promise<IncomingMessage> => transport.stream('GET', url),
  }
}
