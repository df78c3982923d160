import type {IncomingMessage} from 'node:http'
import type {Readable} from 'node:stream'
import type {Build, Source} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface BuildSource {
  /** A source's `get_url`. */
  url: string
  version?: string
  version_description?: string
}

export function buildsResource(transport: Transport) {
  return {
    /** A place to put source at and to fetch it from. */
    createSource: () => transport.call<Source>('POST', '/sources'),
    upload: async (source: Source, tarball: Readable): Promise<void> => {
      const answer = await transport.stream('PUT', source.source_blob.put_url, {stream: tarball})
      answer.resume()
    },
    create: (app: string, source: BuildSource) => transport.call<Build>('POST', path`/apps/${app}/builds`, {body: {source_blob: source}}),
    info: (app: string, build: string) => transport.call<Build>('GET', path`/apps/${app}/builds/${build}`),
    /** Newest first. */
    list: (app: string, {max}: {max: number}) =>
      transport.list<Build>(path`/apps/${app}/builds`, {range: `created_at ..; order=desc,max=${max}`}),
    /** Asks only: the build ends as failed a moment later. Throws invalid_params when it has ended already. */
    cancel: (app: string, build: string) => transport.call<Build>('DELETE', path`/apps/${app}/builds/${build}`),
    /** The output so far and what follows, until the build ends. A single NUL byte is a heartbeat. */
    output: (build: Build): Promise<IncomingMessage> => transport.stream('GET', build.output_stream_url),
  }
}
