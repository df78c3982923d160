import {Readable} from 'node:stream'
import {PlatformError} from '../../schema/errors.js'
import {fetchFailure} from '../support/fetch-failure.js'

/** A URL as it may be stored and shown. */
export function withoutCredentials(url: string): string {
  return URL.canParse(url) && parts(url).authorization !== undefined ? parts(url).plain : url
}

/**
 * What an http or https URL answers, after redirects. Credentials in it go into a header, which does not follow a redirect to another
 * host. Throws invalid_params when there is nothing to be had.
 */
export async function fetchSource(url: string, signal: AbortSignal): Promise<Readable> {
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    throw new PlatformError('invalid_params', `source_blob.url must be an http or https URL, not ${withoutCredentials(url)}.`)
  const {plain, authorization} = parts(url)
  const failed = (why: string, cause?: unknown): PlatformError =>
    new PlatformError('invalid_params', `The source at ${plain} could not be fetched: ${why}.`, {cause})
  const headers = {Accept: '*/*', ...(authorization === undefined ? {} : {Authorization: authorization})}
  const response = await fetch(plain, {signal, headers}).catch(error => {
    throw signal.aborted ? error : failed(fetchFailure(error), error)
  })
  if (!response.ok || response.body === null) throw failed(`HTTP ${response.status}`)
  return Readable.fromWeb(response.body as import('node:stream/web').ReadableStream)
}

function parts(url: string): {plain: string; authorization: string | undefined} {
  const parsed = new URL(url)
  const [user, password] = [parsed.username, parsed.password].map(decodeURIComponent)
  parsed.username = ''
  parsed.password = ''
  const authorization = user || password ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : undefined
  return {plain: parsed.href, authorization}
}
