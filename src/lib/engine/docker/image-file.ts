import type {Readable, Writable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {extract} from 'tar-stream'
import {EngineError} from '../engine.js'
import {label} from '../labels.js'
import type {DockerApi} from './api.js'

/** Docker reads files of containers only: one is created for the purpose, never started, and removed. */
export async function imageFile(
  api: DockerApi,
  common: Record<string, string>,
  {ref, path}: {ref: string; path: string},
): Promise<Buffer | undefined> {
  const doing = `read ${path} in the image ${ref}`
  const body = {Image: ref, Entrypoint: [], Cmd: ['-'], Labels: {...common, [label.kind]: 'reader'}}
  const {Id} = await api.request<{Id: string}>({method: 'POST', path: '/containers/create', body, doing})
  try {
    return await onlyFile(await api.stream({method: 'GET', path: `/containers/${Id}/archive`, query: {path}, doing}))
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
