import {once} from 'node:events'
import {type IncomingMessage, request as plain} from 'node:http'
import {request as encrypted} from 'node:https'
import type {LookupFunction} from 'node:net'
import type {Clock} from '../../support/clock.js'
import {fetchFailure} from '../../support/fetch-failure.js'

/** Heroku waits no longer for a partner, in ms. */
const patience = 25_000
/** Tries of one call, where nothing or a server's fault was answered. */
const tries = 3
/** Bytes of an answer. */
const most = 1 << 20

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
    const answer = await inTime(partner, request, clock, signal).catch(error => {
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

async function inTime(partner: PartnerAddress, request: PartnerRequest, clock: Clock, signal: AbortSignal): Promise<PartnerAnswer> {
  const slow = new AbortController()
  const over = new AbortController()
  clock.sleep(patience, over.signal).then(
    () => slow.abort(),
    () => undefined,
  )
  try {
    return await exchange(partner, request, AbortSignal.any([signal, slow.signal]))
  } catch (error) {
    throw slow.signal.aborted ? new Error(`no answer within ${patience / 1000} s`) : error
  } finally {
    over.abort()
  }
}

/** Redirects are not followed: credentials go to nobody else. */
async function exchange(partner: PartnerAddress, {method, reference, body}: PartnerRequest, signal: AbortSignal): Promise<PartnerAnswer> {
  const url = new URL(reference === undefined ? partner.baseUrl : `${partner.baseUrl.replace(/\/$/, '')}/${encodeURIComponent(reference)}`)
  const send = url.protocol === 'https:' ? encrypted : plain
  const sent = send(url, {method, headers: headersFor(partner), signal, agent: false, ...(isLocal(url.hostname) && {lookup: loopback})})
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return {status: answer.statusCode ?? 0, body: object(await textOf(answer))}
}

/** Throws when there is more than anybody has to say. */
async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > most) throw new Error(`the answer has more than ${most >> 20} MB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Apps of ours are partners, too: names below localhost are this machine, whether its resolver knows that or not (RFC 6761). */
function isLocal(host: string): boolean {
  return host.endsWith('.localhost')
}

const loopback: LookupFunction = (_host, options, done) =>
  options.all === true ? done(null, [{address: '127.0.0.1', family: 4}]) : done(null, '127.0.0.1', 4)

function headersFor({service, password}: PartnerAddress): Record<string, string> {
  return {
    Accept: 'application/vnd.heroku-addons+json; version=3',
    'Content-Type': 'application/json',
    Authorization: `Basic ${Buffer.from(`${service}:${password}`).toString('base64')}`,
    'User-Agent': 'Heroku Platform API (hokku)',
  }
}

function object(given: string): Record<string, unknown> {
  try {
    const json = JSON.parse(given)
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
