import {randomUUID} from 'node:crypto'
import {PlatformError} from '../../../schema/errors.js'
import type {Clock} from '../../support/clock.js'
import type {PartnerTable} from './partner-table.js'

/** How long a code of a provision request can be exchanged, in ms. */
const codeMs = 5 * 60_000
/** How long an access token is good, in seconds. */
const accessSeconds = 8 * 60 * 60

/** Part of a provision request. */
export interface OauthGrant {
  code: string
  expires_at: string
  type: 'authorization_code'
}

/** As id.heroku.com answers. */
export interface TokenAnswer {
  access_token: string
  refresh_token: string
  expires_in: number
  token_type: 'Bearer'
}

/** A code that the partner can exchange for tokens of this add-on, once. A request that is repeated brings another one. */
export function issueCode({grants}: PartnerTable, clock: Clock, addonId: string): OauthGrant {
  const now = clock.now()
  grants.expire(now)
  const expiresAt = new Date(now.getTime() + codeMs)
  const code = randomUUID()
  grants.add(code, 'code', addonId, expiresAt)
  return {code, expires_at: expiresAt.toISOString(), type: 'authorization_code'}
}

/** What `POST /oauth/token` wants exchanged. */
export interface Exchange {
  grant_type: string
  code?: string | undefined
  refresh_token?: string | undefined
  client_secret: string
}

/**
 * Tokens for a code, or a new access token for a refresh token, which lasts as long as the add-on. `mayUse` tells whether a client
 * secret belongs to the service of that add-on. Throws unauthorized without telling what was wrong with it.
 */
export function exchange(
  {grants, transaction}: PartnerTable,
  clock: Clock,
  wanted: Exchange,
  mayUse: (addonId: string, clientSecret: string) => boolean,
): TokenAnswer {
  const [secret, kind] = presented(wanted)
  const now = clock.now()
  const addonId = grants.find(secret, kind, now)
  if (addonId === undefined || !mayUse(addonId, wanted.client_secret))
    throw new PlatformError('unauthorized', 'The grant is unknown or has expired, or the client secret is not that of its add-on service.')
  const [access, refresh] = [randomUUID(), kind === 'refresh' ? secret : randomUUID()]
  transaction(() => {
    grants.expire(now)
    if (kind === 'code') {
      grants.remove(secret)
      grants.add(refresh, 'refresh', addonId, undefined)
    }
    grants.add(access, 'access', addonId, new Date(now.getTime() + accessSeconds * 1000))
  })
  return {access_token: access, refresh_token: refresh, expires_in: accessSeconds, token_type: 'Bearer'}
}

function presented({grant_type: type, code = '', refresh_token: refresh = ''}: Exchange): [secret: string, kind: 'code' | 'refresh'] {
  if (type === 'authorization_code') return [code, 'code']
  if (type === 'refresh_token') return [refresh, 'refresh']
  throw new PlatformError('invalid_params', `grant_type must be authorization_code or refresh_token, not ${type}.`)
}
