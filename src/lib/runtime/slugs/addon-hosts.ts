import type {Engine} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {EngineNames} from '../support/names.js'

/**
 * Add-ons in an app's network, name → address. On Heroku a build reaches the app's databases, and many do: migrations in
 * heroku-postbuild, pages rendered from data.
 */
export async function addonHosts({engine, names}: {engine: Engine; names: EngineNames}, appId: string): Promise<Record<string, string>> {
  const prefix = names.addonContainer('')
  const hosts: Record<string, string> = {}
  for (const {name, addresses} of await engine.observe({[label.kind]: 'addon'})) {
    const address = addresses[names.network(appId)]
    if (address && name.startsWith(prefix)) hosts[name.slice(prefix.length)] = address
  }
  return hosts
}
