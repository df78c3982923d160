import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import {extract} from 'tar-stream'
import {EngineError} from '../engine.js'
import {label} from '../labels.js'
import type {DockerApi} from './api.js'

interface Wanted {
  ref: string
  path: string
}

/** The content of a regular file; undefined when there is none. */
export async function imageFile(api: DockerApi, common: Record<string, string>, wanted: Wanted): Promise<Buffer | undefined> {
  return await imageTree(api, common, wanted, firstFile)
}

/** Bytes of all that lies at a path, as a gzipped tar; 0 when there is nothing. */
export async function gzippedSize(api: DockerApi, common: Record<string, string>, wanted: Wanted, signal: AbortSignal): Promise<number> {
  const measured = await imageTree(api, common, wanted, async tar => {
    let size = 0
    await pipeline(
      tar,
      createGzip(),
      async packed => {
        for await (const chunk of packed) size += (chunk as Buffer).length
      },
      {signal},
    )
    return size
  })
  return measured ?? 0
}

/** Docker reads files of containers only: one is created for the purpose, never started, and removed. Undefined: nothing is there. */
export async function imageTree<T>(
  api: DockerApi,
  common: Record<string, string>,
  {ref, path}: Wanted,
  take: (tar: Readable) => Promise<T>,
): Promise<T | undefined> {
  const doing = `read ${path} in the image ${ref}`
  const body = {Image: ref, Entrypoint: [], Cmd: ['-'], Labels: {...common, [label.kind]: 'reader'}}
  const {Id} = await api.request<{Id: string}>({method: 'POST', path: '/containers/create', body, doing})
  try {
    return await treeIn(api, Id, {path, doing}, take)
  } finally {
    await api.request({method: 'DELETE', path: `/containers/${Id}`, query: {force: 1, v: 1}, doing})
  }
}

/** Of a container that is there. */
export async function containerTree<T>(
  api: DockerApi,
  {id, path}: {id: string; path: string},
  take: (tar: Readable) => Promise<T>,
): Promise<T | undefined> {
  return await treeIn(api, id, {path, doing: `read ${path} in the container ${id}`}, take)
}

async function treeIn<T>(
  api: DockerApi,
  id: string,
  wanted: {path: string; doing: string},
  take: (tar: Readable) => Promise<T>,
): Promise<T | undefined> {
  const tar = await archive(api, id, wanted)
  return tar === undefined ? undefined : await take(tar).finally(() => tar.destroy())
}

async function archive(api: DockerApi, id: string, {path, doing}: {path: string; doing: string}): Promise<Readable | undefined> {
  try {
    return await api.stream({method: 'GET', path: `/containers/${id}/archive`, query: {path}, doing})
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return undefined
    throw error
  }
}

/** The content of the tar's first entry; undefined when that is no regular file. */
async function firstFile(tar: Readable): Promise<Buffer | undefined> {
  const unpack = extract()
  tar.on('error', error => unpack.destroy(error)).pipe(unpack)
  for await (const entry of unpack) {
    if (entry.header.type !== 'file') return undefined
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    return Buffer.concat(parts)
  }
  return undefined
}
