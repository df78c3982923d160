import {createHash} from 'node:crypto'
import type {Clock} from '../../support/clock.js'
import type {Seal} from '../../support/seal.js'

/** Whom a partner is to sign in, to what. */
export interface SignOn {
  /** The add-on's id (UUID). */
  resource: string
  /** How the partner calls the add-on. */
  reference: string
  service: string
  salt: string
  user: {id: string; email: string}
  /** The app that the add-on is billed to, and the one from which it is opened. */
  app: string
  contextApp: string
  at: Date
}

/** For how long an address that signs people on is good at least, in ms. */
const goodFor = 60 * 60_000

/** The last part of such an address, which only this home can make: whoever knows it is signed on. `ago`: what it was so many hours ago. */
export function signOnKey({seal, clock}: {seal: Seal; clock: Clock}, addonId: string, ago = 0): string {
  const hour = Math.floor(clock.now().getTime() / goodFor) - ago
  return seal.digest(`single sign-on to ${addonId} in hour ${hour}`).slice(0, 32)
}

/** The form that a browser posts to a partner's `sso_url`. Tokens are good for as long as the partner says: five minutes, as a rule. */
export function signOnFields({resource, reference, service, salt, user, app, contextApp, at}: SignOn): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const token = (id: string): string => createHash('sha1').update(`${id}:${salt}:${timestamp}`).digest('hex')
  const navigation = {addon: service, appname: contextApp, addons: []}
  return {
    app,
    context_app: contextApp,
    email: user.email,
    id: reference,
    'nav-data': Buffer.from(JSON.stringify(navigation)).toString('base64'),
    resource_id: resource,
    resource_token: token(resource),
    timestamp,
    token: token(reference),
    user_id: user.id,
  }
}
