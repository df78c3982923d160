import {setTimeout as sleep} from 'node:timers/promises'
import {type Engine, EngineError} from '../engine.js'
import {type DockerApi, labelFilter} from './api.js'
import {bounded} from './bounded.js'
import type {Networks} from './networks.js'

/** Removes everything with those labels: containers, then the networks and volumes they used. */
export async function removeAll(
  api: DockerApi,
  labels: Record<string, string>,
  parts: {networks: Networks; containers: Pick<Engine, 'remove'>},
): Promise<void> {
  if (Object.keys(labels).length === 0) throw new EngineError('failed', 'Removing everything needs at least one label.')
  const filters = labelFilter(labels)
  const few = bounded(8)
  const found = await api.request<{Id: string}[]>({
    method: 'GET',
    path: '/containers/json',
    query: {all: 1, filters},
    doing: 'list containers',
  })
  await Promise.all(found.map(({Id}) => few(() => parts.containers.remove(Id))))
  const networks = await api.request<{Id: string; Name: string}[]>({
    method: 'GET',
    path: '/networks',
    query: {filters},
    doing: 'list networks',
  })
  await Promise.all(networks.map(({Id}) => few(() => removeNetwork(api, Id, parts.networks))))
  parts.networks.forget(networks.map(({Name}) => Name))
  const {Volumes} = await api.request<{Volumes: {Name: string}[] | null}>({
    method: 'GET',
    path: '/volumes',
    query: {filters},
    doing: 'list volumes',
  })
  await Promise.all((Volumes ?? []).map(({Name}) => few(() => removeOne(api, `/volumes/${Name}`))))
}

/** What has other labels may be on it, a router for one: that goes on without it. */
async function removeNetwork(api: DockerApi, id: string, networks: Networks): Promise<void> {
  const {Containers} = await api
    .request<{Containers?: Record<string, unknown> | null}>({method: 'GET', path: `/networks/${id}`, doing: `look at the network ${id}`})
    .catch(error => (error instanceof EngineError && error.code === 'not_found' ? {Containers: {}} : Promise.reject(error)))
  for (const container of Object.keys(Containers ?? {})) await networks.disconnect(container, id)
  await removeOne(api, `/networks/${id}`)
}

/** For a moment after a container's end Docker still counts it as a user of its networks and volumes. */
async function removeOne(api: DockerApi, path: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await api.request({method: 'DELETE', path, doing: `remove ${path.slice(1)}`})
      return
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.code === 'not_found') return
      const busy = error.code === 'conflict' || /in use|active endpoints/i.test(error.message)
      if (!busy || tries === 10) throw error
      await sleep(100)
    }
  }
}
