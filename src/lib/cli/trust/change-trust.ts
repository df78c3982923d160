import {exitCodes} from '../command-error.js'
import {hasTerminal} from '../prompts.js'
import type {Ui} from '../ui.js'
import {apply, localCa, type StoreResult, thisMachine} from './apply.js'
import {trustStores} from './stores.js'

/** Changes every store of this machine in turn and shows what came of each. Exit code 1 when one could not be changed. */
export async function changeTrust(ui: Ui, path: string, what: 'trust' | 'untrust', env: NodeJS.ProcessEnv): Promise<StoreResult[]> {
  const ca = localCa(path)
  const results: StoreResult[] = []
  for (const store of trustStores(thisMachine(env, hasTerminal(ui)), ca)) {
    const title = what === 'trust' ? `Adding ${ca.name} to ${store.name}` : `Removing ${ca.name} from ${store.name}`
    const result = await ui.action(
      title,
      () => apply(store, what, env),
      ({done}) => (done ? 'done' : ui.err.failure('!')),
    )
    results.push(result)
    if (!result.done) ui.warn(`${store.name}: ${result.message}`)
  }
  if (results.some(({done}) => !done)) process.exitCode = exitCodes.failure
  return results
}
