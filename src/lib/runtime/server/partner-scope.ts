import type {Context} from 'hono'
import {notFound, PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from '../addons/addons.js'
import type {ApiEnv} from './services.js'

/** All that the token of a partner may do, and only to its add-on (`:addon`) or the app that is billed for it (`:app`). */
const scope = [
  'GET /addons/:addon',
  'PATCH /addons/:addon',
  'GET /addons/:addon/config',
  'PATCH /addons/:addon/config',
  'POST /addons/:addon/actions/provision',
  'POST /addons/:addon/actions/deprovision',
  'GET /addons/:addon/addon-attachments',
  'GET /addons/:addon/log-drains',
  'GET /apps/:app',
].map(line => {
  const [method, path] = line.split(' ') as [string, string]
  return {method, pattern: new RegExp(`^${path.replace(/:(\w+)/, '(?<$1>[^/]+)')}$`)}
})

/** What requests of a user may not do, because it is for the partner of the add-on to say. */
const partnersOnly = [/^PATCH \/addons\/[^/]+\/config$/, /^POST \/addons\/[^/]+\/actions\/(de)?provision$/]

/** Throws forbidden for what is out of scope, not_found for another add-on or app. */
export function checkPartnerScope(c: Context<ApiEnv>, addon: AddonRecord, appName: string): void {
  const {method, path} = c.req
  const found = scope.map(one => (one.method === method ? one.pattern.exec(path) : null)).find(match => match !== null)
  if (found === undefined || found === null)
    throw new PlatformError('forbidden', 'The scope of this OAuth authorization does not allow access to this resource.')
  const {addon: wantedAddon, app: wantedApp} = found.groups ?? {}
  if (wantedAddon !== undefined && ![addon.id, addon.name].includes(wantedAddon)) throw notFound('add_on')
  if (wantedApp !== undefined && ![addon.appId, appName].includes(wantedApp)) throw notFound('app')
}

/** Throws forbidden. */
export function checkUserScope(c: Context<ApiEnv>): void {
  const line = `${c.req.method} ${c.req.path}`
  if (partnersOnly.some(pattern => pattern.test(line)))
    throw new PlatformError('forbidden', 'Only the partner that provides this add-on may do that.')
}
