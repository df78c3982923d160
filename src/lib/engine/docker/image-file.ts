import type {Readable, Writable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import {extract} from 'tar-stream'
import {EngineError} from '../engine.js'
import {label} from '../labels.js'
import type {DockerApi} from './api.js'

interface Place {
  ref: string
  path: string
}

/** The content of a regular file; undefined when there is none. */
export async function imageFile(api: DockerApi, common: Record<string, string>, place: Place): Promise<Buffer | undefined> {
  return await archived(api, common, place, onlyFile)
}

/** Bytes of all that lies at a path, as a gzipped tar; 0 when there is nothing. */
export async function gzippedSize(api: DockerApi, common: Record<string, string>, place: Place, signal: AbortSignal): Promise<number> {
  const measured = await archived(api, common, place, async archive => {
    let size = 0
    await pipeline(
      archive,
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

/** Docker reads files of containers only: one is created for the purpose, never started, and removed. */
async function archived<T>(
  api: DockerApi,
  common: Record<string, string>,
  {ref, path}: Place,
  read: (archive: Readable) => Promise<T>,
): Promise<T | undefined> {
  const doing = `read ${path} in the image ${ref}`
  const body = {Image: ref, Entrypoint: [], Cmd: ['-'], Labels: {...common, [label.kind]: 'reader'}}
  const {Id} = await api.request<{Id: string}>({method: 'POST', path: '/containers/create', body, doing})
  try {
    return await read(await api.stream({method: 'GET', path: `/containers/${Id}/archive`, query: {path}, doing}))
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return undefined
    throw error
  } finally {
    await api.request({method: 'DELETE', path: `/containers/${Id}`, query: {force: 1, v: 1}, doing})
  }
}

/** The content of the archive's first entry; undefined when that is no regular file. */
async function onlyFile(archive: Readable): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let type: string | undefined
  const unpack = extract()
  unpack.on('entry', (header, stream, next) => {
    const wanted = type === undefined && header.type === 'file'
    type ??= header.type ?? 'file'
    stream.on('data', (data: Buffer) => wanted && parts.push(data))
    stream.on('end', next)
  })
  await pipeline(archive, unpack as unknown as Writable)
  return type === 'file' ? Buffer.concat(parts) : undefined
}
