import type {Readable} from 'node:stream'
import {type Engine, EngineError, type Image} from '../engine.js'
import {type DockerApi, jsonLines, labelFilter} from './api.js'
import {engineError} from './errors.js'
import {gzippedSize, imageFile, imageTree} from './image-file.js'
import {whole} from './whole.js'

interface ImageAnswer {
  Id: string
  RepoTags: string[] | null
  Size: number
  Created: string
  RootFS: {Layers?: string[] | null}
  Config: {
    Labels?: Record<string, string> | null
    Entrypoint?: string[] | string | null
    Cmd?: string[] | null
    User?: string
    Env?: string[] | null
    ExposedPorts?: Record<string, unknown> | null
  }
}

type Images = Pick<
  Engine,
  'image' | 'images' | 'imageFile' | 'imageTree' | 'gzippedSize' | 'tag' | 'pull' | 'removeImage' | 'saveImages' | 'loadImages'
>

export function images(api: DockerApi, common: Record<string, string>): Images {
  return {
    image: ref => image(api, ref),
    async images(labels) {
      const call = {method: 'GET', path: '/images/json', query: {filters: labelFilter(labels)}, doing: 'list images'} as const
      const found = await Promise.all((await api.request<{Id: string}[]>(call)).map(({Id}) => image(api, Id)))
      return found.filter(one => one !== undefined)
    },
    imageFile: (ref, path) => imageFile(api, common, {ref, path}),
    gzippedSize: (ref, path, signal) => gzippedSize(api, common, {ref, path}, signal),
    imageTree: (ref, path, take) => imageTree(api, common, {ref, path}, take),
    async tag(ref, tag) {
      const {repository, version} = parts(tag)
      const query = {repo: repository, tag: version}
      await api.request({method: 'POST', path: `/images/${ref}/tag`, query, doing: `tag the image ${ref} as ${tag}`})
    },
    pull: (ref, onLine) => pull(api, ref, onLine),
    async removeImage(ref) {
      try {
        await api.request({method: 'DELETE', path: `/images/${ref}`, query: {force: 1}, doing: `remove the image ${ref}`})
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'not_found') throw error
      }
    },
    async saveImages(refs, take) {
      // By its id alone an image would come without its tags.
      const names = (await Promise.all(refs.map(ref => image(api, ref)))).flatMap(
        (found, index) => (found?.tags.length ? found.tags : [found?.id ?? refs[index]]) as string[],
      )
      const tar = await api.stream({method: 'GET', path: '/images/get', query: {names}, doing: `read the images ${refs.join(', ')}`})
      return await take(tar).finally(() => tar.destroy())
    },
    loadImages: tar => load(api, tar),
  }
}

/** Docker says in its answer what went wrong, with status 200. */
async function load(api: DockerApi, tar: Readable): Promise<void> {
  const doing = 'load images'
  await whole(tar, async signal => {
    const headers = {'Content-Type': 'application/x-tar'}
    const answer = await api.stream({method: 'POST', path: '/images/load', query: {quiet: 1}, file: tar, headers, signal, doing})
    for await (const {error} of jsonLines<{error?: string}>(answer))
      if (error !== undefined) throw new EngineError('failed', `Docker could not ${doing}: ${error}`)
  })
}

async function image(api: DockerApi, ref: string): Promise<Image | undefined> {
  try {
    return imageOf(await api.request<ImageAnswer>({method: 'GET', path: `/images/${ref}/json`, doing: `inspect the image ${ref}`}))
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return undefined
    throw error
  }
}

function imageOf({Id, RepoTags, Size, Created, RootFS, Config}: ImageAnswer): Image {
  return {
    id: Id,
    tags: (RepoTags ?? []).filter(tag => tag !== '<none>:<none>'),
    labels: Config.Labels ?? {},
    sizeBytes: Size,
    createdAt: new Date(Created),
    layers: RootFS.Layers ?? [],
    config: {
      entrypoint: [Config.Entrypoint ?? []].flat(),
      command: Config.Cmd ?? [],
      user: Config.User ?? '',
      env: Object.fromEntries((Config.Env ?? []).map(pair => splitOnce(pair, '='))),
      exposedPorts: Object.keys(Config.ExposedPorts ?? {}).map(port => Number.parseInt(port, 10)),
    },
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** `registry:5000/app:v1` → its two parts; a colon before the last slash belongs to the registry's port. */
function parts(ref: string): {repository: string; version: string} {
  const colon = ref.indexOf(':', ref.lastIndexOf('/') + 1)
  return colon === -1 ? {repository: ref, version: 'latest'} : {repository: ref.slice(0, colon), version: ref.slice(colon + 1)}
}

interface PullLine {
  id?: string
  status?: string
  error?: string
}

async function pull(api: DockerApi, ref: string, onLine: (line: string) => void): Promise<void> {
  const {repository, version} = parts(ref)
  try {
    const query = {fromImage: repository, tag: version}
    const stream = await api.stream({method: 'POST', path: '/images/create', query, doing: `pull the image ${ref}`})
    for await (const {id, status, error} of jsonLines<PullLine>(stream)) {
      if (error !== undefined) throw new EngineError('pull_failed', `Docker could not pull the image ${ref}: ${error}`)
      // Without the bars: a line for each change of state.
      if (status !== undefined && status !== 'Downloading' && status !== 'Extracting')
        onLine(id === undefined ? status : `${id}: ${status}`)
    }
  } catch (error) {
    const failure = engineError(error, `pull the image ${ref}`)
    if (failure.code !== 'failed' && failure.code !== 'not_found') throw failure
    throw new EngineError('pull_failed', failure.message, {cause: error})
  }
}
