import type {Clock} from '../../support/clock.js'
import {fetchFailure} from '../../support/fetch-failure.js'

/** Heroku waits no longer for a partner, in ms. */
const patience = 25_000
/** Tries of one call, where nothing or a server's fault was answered. */
const tries = 3

/** Where a partner answers, and who we are to it. */
export interface PartnerAddress {
  service: string
  baseUrl: string
  password: string
}

export interface PartnerRequest {
  method: 'POST' | 'PUT' | 'DELETE'
  /** Of the add-on, as the partner calls it; absent for a new one. */
  reference?: string
  body?: object
}

/** What a partner answered; a body that is no JSON object counts as none. */
export interface PartnerAnswer {
  status: number
  body: Record<string, unknown>
}

/** A partner that gave no answer to go by: it may have done what it was asked, or not. */
export class PartnerUnreached extends Error {}

/** One call, repeated while it fails in a way that may pass. Throws PartnerUnreached. */
export async function callPartner(
  partner: PartnerAddress,
  request: PartnerRequest,
  {clock, signal}: {clock: Clock; signal: AbortSignal},
): Promise<PartnerAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(partner, request, clock, signal).catch(error => {
      signal.throwIfAborted()
      return error as Error
    })
    if (!(answer instanceof Error) && answer.status < 500 && answer.status !== 429) return answer
    if (attempt === tries)
      throw new PartnerUnreached(
        `${partner.service} ${answer instanceof Error ? `cannot be reached: ${fetchFailure(answer)}` : saidNo(answer)}`,
      )
    await clock.sleep(1000 * attempt, signal)
  }
}

async function once(partner: PartnerAddress, request: PartnerRequest, clock: Clock, signal: AbortSignal): Promise<PartnerAnswer> {
  const {method, reference, body} = request
  const slow = new AbortController()
  const over = new AbortController()
  clock.sleep(patience, over.signal).then(
    () => slow.abort(new Error(`no answer within ${patience / 1000} s`)),
    () => undefined,
  )
  try {
    const url = reference === undefined ? partner.baseUrl : `${partner.baseUrl.replace(/\/$/, '')}/${encodeURIComponent(reference)}`
    const answer = await fetch(url, {
      method,
      headers: headersFor(partner),
      // Credentials go to nobody else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, slow.signal]),
      ...(body !== undefined && {body: JSON.stringify(body)}),
    })
    return {status: answer.status, body: object(await answer.text())}
  } finally {
    over.abort()
  }
}

function headersFor({service, password}: PartnerAddress): Record<string, string> {
  return {
    Accept: 'application/vnd.heroku-addons+json; version=3',
    'Content-Type': 'application/json',
    Authorization: `Basic ${Buffer.from(`${service}:${password}`).toString('base64')}`,
    'User-Agent': 'Heroku Platform API (hokku)',
  }
}

function object(text: string): Record<string, unknown> {
  try {
    const json = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
  } catch {
    return {}
  }
}

function saidNo({status, body}: PartnerAnswer): string {
  const message = messageOf(body)
  return `answered ${status}${message === undefined ? '' : `: ${message}`}`
}

/** The words for people in an answer. */
export function messageOf(body: Record<string, unknown>): string | undefined {
  const {message} = body
  return typeof message === 'string' && message !== '' ? message : undefined
}
