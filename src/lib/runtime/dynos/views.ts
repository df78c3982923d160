import type {DynoView} from './dyno-manager.js'
import type {LiveDyno} from './live-dynos.js'
import {ordinal} from './web-state.js'

/** A live dyno as others see it. */
export function viewOf(dyno: LiveDyno): DynoView {
  return {
    id: dyno.id,
    name: dyno.name,
    type: dyno.type,
    size: dyno.size,
    command: dyno.command,
    state: dyno.state,
    since: dyno.since,
    createdAt: dyno.createdAt,
    release: dyno.release,
    appId: dyno.appId,
    address: dyno.address,
    port: dyno.address === undefined ? undefined : dyno.port,
  }
}

/** By process type, number and release. */
export function sortedViews(dynos: LiveDyno[]): DynoView[] {
  return dynos
    .map(viewOf)
    .sort((a, b) => a.type.localeCompare(b.type) || ordinal(a.name) - ordinal(b.name) || a.release.version - b.release.version)
}
