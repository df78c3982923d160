import type {Build, Formation} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** An image that was pushed for a process type and that a release can take. */
export interface ContainerImage {
  type: string
  docker_image: string
  /** Its own, as it is shown. */
  command: string
  created_at: string
}

/** A Dockerfile of the source, with its context and the paths below its root, or an image by its name. */
export type ImageToPush = {type: string; dockerfile: string; context: string} | {type: string; image: string}

export interface ImagePush {
  source_blob?: {url: string}
  images: ImageToPush[]
  /** Build args. */
  args?: Record<string, string>
}

export function containerImagesResource(transport: Transport) {
  return {
    /** The newest of each process type. */
    list: (app: string) => transport.call<ContainerImage[]>('GET', path`/apps/${app}/container-images`),
    /** A build that ends without a release. */
    push: (app: string, push: ImagePush) => transport.call<Build>('POST', path`/apps/${app}/container-images`, {body: push}),
    release: (app: string, images: Pick<ContainerImage, 'type' | 'docker_image'>[]) =>
      transport.call<Formation[]>('PATCH', path`/apps/${app}/formation`, {body: {updates: images}}),
    remove: (app: string, type: string) =>
      transport.call<Formation>('PATCH', path`/apps/${app}/formation/${type}`, {body: {docker_image: null}}),
  }
}
