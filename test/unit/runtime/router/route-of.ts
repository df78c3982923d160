import type {Route, RouteState} from '../../../../src/lib/runtime/router/router.js'

interface Wanted {
  state?: RouteState
  hosts?: string[]
  dynos?: number
  errorPageUrl?: string
  maintenancePageUrl?: string
}

/** A route of an app, up with that many dynos unless another state is named. */
export function routeOf(appId: string, {state = 'up', hosts = [`${appId}.localhost`], dynos = 0, ...pages}: Wanted = {}): Route {
  const targets = Array.from({length: dynos}, (_, index) => ({dyno: `web.${index + 1}`, address: `172.18.0.${index + 2}`, port: 5000}))
  return {appId, appName: appId, hosts, state, targets, ...pages}
}
