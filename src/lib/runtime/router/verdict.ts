import type {RouterCode} from './codes.js'
import type {PageName} from './pages.js'
import type {Route} from './router.js'

/** What the fallback server does with a request, decided by the app's route alone. */
export type Verdict =
  | {do: 'answer'; status: number; page: PageName; code?: RouterCode; url?: string}
  /** Wait for the route to change, then decide again. */
  | {do: 'hold'; wake?: true}
  | {do: 'proxy'; targets: Route['targets']}

/** heroku-platform.md 3.4: maintenance beats all, then no release, no formation; starting is held, all crashed is H10. */
export function verdictFor(route: Route | undefined): Verdict {
  if (route === undefined) return {do: 'answer', status: 404, page: 'no-such-app'}
  switch (route.state) {
    case 'maintenance':
      return answer({status: 503, page: 'maintenance', code: 'H80'}, route.maintenancePageUrl)
    case 'blank':
      return answer({status: 502, page: 'blank', code: 'H81'}, undefined)
    case 'no-web':
      return answer({status: 503, page: 'no-web', code: 'H14'}, route.errorPageUrl)
    case 'crashed':
      return answer({status: 503, page: 'application-error', code: 'H10'}, route.errorPageUrl)
    case 'idle':
      return {do: 'hold', wake: true}
    case 'starting':
      return {do: 'hold'}
    case 'up':
      return route.targets.length === 0 ? {do: 'hold'} : {do: 'proxy', targets: route.targets}
  }
}

/** After 75 s of holding. */
export function bootTimeout(route: Route): Verdict {
  return answer({status: 503, page: 'boot-timeout', code: 'H20'}, route.errorPageUrl)
}

function answer(what: {status: number; page: PageName; code: RouterCode}, url: string | undefined): Verdict {
  return {do: 'answer', ...what, ...(url === undefined ? {} : {url})}
}

/** Finds routes by Host header: case and port do not matter; `*.example.com` matches one label. */
export class RouteIndex {
  private readonly byHost: Map<string, Route>

  constructor(table: Route[]) {
    this.byHost = new Map(table.flatMap(route => route.hosts.map(host => [host, route] as const)))
  }

  find(hostHeader: string | undefined): Route | undefined {
    if (hostHeader === undefined) return undefined
    const host = hostHeader.replace(/:\d+$/, '').toLowerCase()
    return this.byHost.get(host) ?? this.byHost.get(host.replace(/^[^.]*/, '*'))
  }
}
