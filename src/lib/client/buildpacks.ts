import type {BuildpackInstallation} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export function buildpacksResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<BuildpackInstallation>(path`/apps/${app}/buildpack-installations`),
    /** Replaces the whole list, in order. */
    set: (app: string, buildpacks: string[]) =>
      transport.call<BuildpackInstallation[]>('PUT', path`/apps/${app}/buildpack-installations`, {
        body: {updates: buildpacks.map(buildpack => ({buildpack}))},
      }),
  }
}
