import type {WebState, WebTarget} from './dyno-manager.js'
import type {LiveDyno} from './live-dynos.js'

type WebDyno = Pick<LiveDyno, 'name' | 'state' | 'release' | 'createdAt' | 'address' | 'port'>

/** Which web dynos may get requests: the newest of each name that is up, by number. */
export function webState(dynos: WebDyno[]): WebState {
  const newest = new Map<string, WebDyno>()
  for (const dyno of dynos.filter(one => one.state === 'up')) {
    const other = newest.get(dyno.name)
    if (other === undefined || age(dyno, other) > 0) newest.set(dyno.name, dyno)
  }
  const starting = dynos.some(one => one.state === 'starting')
  return {
    up: [...newest.values()].sort((a, b) => ordinal(a.name) - ordinal(b.name)).flatMap(target),
    starting,
    crashed: dynos.length > 0 && dynos.every(one => one.state === 'crashed'),
    idle: dynos.length > 0 && dynos.every(one => one.state === 'idle'),
  }
}

/** The number of a dyno name: 3 of `web.3`. */
export function ordinal(name: string): number {
  return Number(name.slice(name.lastIndexOf('.') + 1))
}

function age(a: WebDyno, b: WebDyno): number {
  return a.release.version - b.release.version || a.createdAt.getTime() - b.createdAt.getTime()
}

function target(dyno: WebDyno): WebTarget[] {
  return dyno.address === undefined ? [] : [{dyno: dyno.name, address: dyno.address, port: dyno.port}]
}
