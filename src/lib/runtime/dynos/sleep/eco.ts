import {type DesiredDyno, desiredDynos} from '../desired.js'
import type {WantedApp} from '../dyno-manager.js'

const eco = 'Eco'
/** Heroku's, in minutes. */
const idleMinutes = 30

/** Ms without a request after which eco dynos sleep: HOKKU_ECO_SLEEP has minutes, 0 for never; default 30. Anything else is the default. */
export function idleTime(env: NodeJS.ProcessEnv): number | undefined {
  const given = env['HOKKU_ECO_SLEEP']
  const minutes = given !== undefined && /^\d+(\.\d+)?$/.test(given) ? Number(given) : idleMinutes
  return minutes === 0 ? undefined : minutes * 60_000
}

/**
 * The dynos that sleep when nobody asks for the app: all of size eco, once a web dyno is among them. An app with a worker alone never
 * sleeps (heroku-platform.md 2). Empty when the app is not of that kind.
 */
export function sleepers(wanted: WantedApp): DesiredDyno[] {
  const dynos = desiredDynos(wanted).filter(({size}) => size === eco)
  return dynos.some(({type}) => type === 'web') ? dynos : []
}

/** What the sleeping dynos are: a release, a scale or another size is no longer it, and so ends the sleep. */
export function sleepKey(dynos: DesiredDyno[]): string {
  return dynos.map(({name, want}) => `${name} ${want}`).join(', ')
}
