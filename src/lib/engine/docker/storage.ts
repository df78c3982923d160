import {statfs} from 'node:fs/promises'
import type {CacheRecord, Engine, Storage} from '../engine.js'
import type {DockerApi} from './api.js'

interface CacheAnswer {
  ID: string
  /** Before API 1.42. */
  Parent?: string
  Parents?: string[] | null
  Description: string
  InUse: boolean
  Shared: boolean
  Size: number
  CreatedAt: string
  LastUsedAt?: string | null
}

/** Ids of one call: they become one regular expression. */
const atOnce = 100

export function storage(api: DockerApi): Pick<Engine, 'storage' | 'removeCache'> {
  return {
    async storage() {
      const {BuildCache, LayersSize} = await api.request<{BuildCache?: CacheAnswer[] | null; LayersSize?: number}>({
        method: 'GET',
        path: '/system/df',
        doing: 'tell what it has on its disk',
      })
      return {layerBytes: LayersSize ?? 0, cache: (BuildCache ?? []).map(recordOf), disk: await diskOf(api)}
    },
    async removeCache(ids) {
      let freed = 0
      for (let at = 0; at < ids.length; at += atOnce) {
        const filters = JSON.stringify({id: [`^(${ids.slice(at, at + atOnce).join('|')})$`]})
        const query = {all: 1, filters}
        const call = {method: 'POST', path: '/build/prune', query, doing: 'remove build cache'} as const
        freed += (await api.request<{SpaceReclaimed?: number}>(call)).SpaceReclaimed ?? 0
      }
      return freed
    },
  }
}

function recordOf({ID, Parent, Parents, Description, InUse, Shared, Size, CreatedAt, LastUsedAt}: CacheAnswer): CacheRecord {
  return {
    id: ID,
    description: Description,
    parents: Parents ?? (Parent ? [Parent] : []),
    sizeBytes: Size,
    inUse: InUse,
    shared: Shared,
    lastUsedAt: new Date(LastUsedAt ?? CreatedAt),
  }
}

/** Of this machine only: in a VM the folder is another machine's. */
async function diskOf(api: DockerApi): Promise<Storage['disk']> {
  const {capabilities} = await api.connection()
  if (!capabilities.hostNetwork) return undefined
  const {DockerRootDir} = await api.request<{DockerRootDir?: string}>({method: 'GET', path: '/info', doing: 'tell of itself'})
  if (DockerRootDir === undefined) return undefined
  const found = await statfs(DockerRootDir).catch(() => undefined)
  return found && {freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize}
}
