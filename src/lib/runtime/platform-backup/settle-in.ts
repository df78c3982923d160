import {existsSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Home} from '../../schema/home.js'
import {assertFree, assertPortFree} from '../router/port.js'
import {readSetting, removeSetting, type Store} from '../store/store.js'

/**
 * What a restored home knows of the machine it comes from is kept as far as it holds on this one: ports that are taken here, or that the
 * environment names, are chosen anew. Once, before anything listens.
 */
export async function settleIn(home: Home, store: Store, env: NodeJS.ProcessEnv): Promise<void> {
  const done = join(home.restore, 'settled')
  if (!existsSync(home.restore) || existsSync(done)) return
  const [port, tlsPort, bind] = ['router.port', 'router.tls-port', 'router.bind'].map(key => readSetting(store, key))
  const named = ['HOKKU_ROUTER_PORT', 'HOKKU_ROUTER_TLS_PORT', 'HOKKU_ROUTER_BIND'].some(name => env[name])
  const fits = !named && (await holds(assertFree({port: Number(port), tlsPort: Number(tlsPort), binds: bind?.split(',') ?? []})))
  for (const key of fits ? [] : ['router.port', 'router.tls-port', 'router.bind']) removeSetting(store, key)
  removeSetting(store, 'router.fallback-port')
  const api = Number(readSetting(store, 'api.port') ?? 0)
  if (env['HOKKU_API_PORT'] || !(await holds(assertPortFree(api, '127.0.0.1')))) removeSetting(store, 'api.port')
  await writeFile(done, '')
}

async function holds(assertion: Promise<void>): Promise<boolean> {
  return await assertion.then(
    () => true,
    () => false,
  )
}
