import type {AppRecord} from './apps/app-record.js'
import {type DomainRecord, defaultHost} from './domains/domains.js'
import type {WebState} from './dynos/dyno-manager.js'
import type {FormationRecord} from './formation/formation-record.js'
import type {ReleaseRecord} from './releases/release-record.js'
import type {Route, RouteState} from './router/router.js'

/** Everything that decides how one app is routed. */
export interface RouteFacts {
  app: AppRecord
  domains: DomainRecord[]
  release: ReleaseRecord | undefined
  formation: FormationRecord[]
  web: WebState
}

/** The route of one app. Maintenance beats all; without a slug it is blank; then the formation and the web dynos decide. */
export function routeFor(facts: RouteFacts): Route {
  const state = routeState(facts)
  const dynos = webQuantity(facts)
  const errorPageUrl = facts.release?.config['ERROR_PAGE_URL']
  const maintenancePageUrl = facts.release?.config['MAINTENANCE_PAGE_URL']
  return {
    appId: facts.app.id,
    appName: facts.app.name,
    hosts: [defaultHost(facts.app.name), ...facts.domains.map(domain => domain.hostname)],
    state,
    targets: state === 'up' ? facts.web.up : [],
    ...(dynos > 0 ? {dynos} : {}),
    ...(errorPageUrl === undefined ? {} : {errorPageUrl}),
    ...(maintenancePageUrl === undefined ? {} : {maintenancePageUrl}),
    ...(facts.app.features['http-session-affinity'] ? {affinity: true} : {}),
    ...(facts.app.features['force-https'] ? {forceHttps: true} : {}),
    ...(facts.app.features['http-end-to-end-continue'] ? {endToEndContinue: true} : {}),
    ...(facts.app.features['hsts'] ? {hsts: true} : {}),
  }
}

const webQuantity = ({formation}: RouteFacts): number => formation.find(one => one.type === 'web')?.quantity ?? 0

function routeState(facts: RouteFacts): RouteState {
  const {app, release, web} = facts
  if (app.maintenance) return 'maintenance'
  if (release?.slugId === undefined) return 'blank'
  if (webQuantity(facts) === 0) return 'no-web'
  if (web.up.length > 0) return 'up'
  if (web.idle) return 'idle'
  return web.crashed && !web.starting ? 'crashed' : 'starting'
}
