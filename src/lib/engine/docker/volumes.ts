import type {Readable} from 'node:stream'
import {type Engine, EngineError} from '../engine.js'
import {label} from '../labels.js'
import type {DockerApi} from './api.js'
import {containerTree} from './image-file.js'
import {whole} from './whole.js'

type Volumes = Pick<Engine, 'ensureVolume' | 'volumeTree' | 'fillVolume'>

/** Where a volume is mounted to be read or filled; also what the paths in its tar begin with. */
const place = 'volume'

export function volumes(api: DockerApi, common: Record<string, string>): Volumes {
  return {
    async ensureVolume(name, labels) {
      const body = {Name: name, Labels: {...common, ...labels}}
      await api.request({method: 'POST', path: '/volumes/create', body, doing: `create the volume ${name}`})
    },
    async volumeTree(name, image, take) {
      if ((await labelsOf(api, name)) === undefined) return undefined
      return await mounted(api, common, {name, image, doing: `read the volume ${name}`}, async id => {
        return await containerTree(api, {id, path: `/${place}`}, take)
      })
    },
    async fillVolume(name, image, tar) {
      const doing = `fill the volume ${name}`
      await mounted(api, common, {name, image, doing}, id => unpack(api, id, tar, doing))
    },
  }
}

/** Docker reaches the files of a volume through containers only: one is created for the purpose, never started, and removed. */
async function mounted<T>(
  api: DockerApi,
  common: Record<string, string>,
  {name, image, doing}: {name: string; image: string; doing: string},
  work: (id: string) => Promise<T>,
): Promise<T> {
  // With the volume's own labels whoever removes that finds what a kill left reading it.
  const labels = {...common, ...(await labelsOf(api, name)), [label.kind]: 'reader'}
  const mounts = [{Type: 'volume', Source: name, Target: `/${place}`, VolumeOptions: {NoCopy: true}}]
  const body = {Image: image, Entrypoint: [], Cmd: ['-'], HostConfig: {Mounts: mounts}, Labels: labels}
  const {Id} = await api.request<{Id: string}>({method: 'POST', path: '/containers/create', body, doing})
  try {
    return await work(Id)
  } finally {
    await api.request({method: 'DELETE', path: `/containers/${Id}`, query: {force: 1, v: 1}, doing})
  }
}

/** Owners, modes and links come out as they went in. */
async function unpack(api: DockerApi, id: string, tar: Readable, doing: string): Promise<void> {
  await whole(tar, async signal => {
    const headers = {'Content-Type': 'application/x-tar'}
    await api.request({method: 'PUT', path: `/containers/${id}/archive`, query: {path: '/'}, file: tar, headers, signal, doing})
  })
}

/** Undefined when there is no such volume. */
async function labelsOf(api: DockerApi, name: string): Promise<Record<string, string> | undefined> {
  const call = {method: 'GET', path: `/volumes/${name}`, doing: `find the volume ${name}`} as const
  try {
    return (await api.request<{Labels: Record<string, string> | null}>(call)).Labels ?? {}
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return undefined
    throw error
  }
}
