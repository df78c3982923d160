import {type IncomingMessage, request} from 'node:http'
import {isIP} from 'node:net'
import {addAbortSignal, type Duplex} from 'node:stream'
import {connect as connectTls} from 'node:tls'
import {PlatformError} from '../../../schema/errors.js'
import type {HealthCheck} from '../../../schema/health-checks.js'

/** Content is looked for in so many bytes of an answer. */
const mostBytes = 1024 * 1024

const lastWordMs = 500

/** Opens a connection to the port that a check is about. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>

/**
 * Asks a dyno for a path; what is wrong with the answer, undefined when nothing is. Rejects with what `dial` rejects with; with PlatformError
 * also when its time is over.
 */
export async function httpProblem(check: HealthCheck, dial: Dial): Promise<string | undefined> {
  const late = AbortSignal.timeout(check.timeout * 1000)
  let connection: Duplex | undefined
  try {
    connection = await inTime(dial(late), late)
    // Whoever uses it is told as well.
    addAbortSignal(
      late,
      connection.on('error', () => undefined),
    )
    return await problemOf(check, await answerOf(check, connection))
  } catch (error) {
    // Whoever should have asked was away for all of the time: that says nothing of the dyno.
    if (error instanceof PlatformError) throw error
    if (late.aborted) return `no answer within ${check.timeout} s`
    if (connection === undefined) throw error
    return (error as Error).message
  } finally {
    connection?.destroy()
  }
}

/** Rejects soon after its time is over, whatever becomes of it: whoever opens it has a moment to say why it could not. */
function inTime(opening: Promise<Duplex>, late: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let waited: NodeJS.Timeout | undefined
    late.addEventListener('abort', () => (waited = setTimeout(() => reject(late.reason), lastWordMs)), {once: true})
    opening
      .then(opened => {
        if (late.aborted) opened.destroy()
        resolve(opened)
      }, reject)
      .finally(() => clearTimeout(waited))
  })
}

function answerOf({path, scheme, httpHeaders}: HealthCheck, connection: Duplex): Promise<IncomingMessage> {
  const headers = Object.fromEntries([['Host', 'localhost'], ...(httpHeaders ?? []).map(({name, value}) => [name, value])])
  const socket = scheme === 'https' ? secured(connection, String(headers['Host'])) : connection
  return new Promise((resolve, reject) => {
    request({path: path ?? '/', headers, createConnection: () => socket}, resolve)
      .on('error', reject)
      .end()
  })
}

/** Whose certificate it is does not matter: the address is the dyno's. */
function secured(connection: Duplex, host: string): Duplex {
  const servername = host.replace(/:\d+$/, '')
  return connectTls({socket: connection, rejectUnauthorized: false, ...(isIP(servername) === 0 && {servername})})
}

async function problemOf({content}: HealthCheck, response: IncomingMessage): Promise<string | undefined> {
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) return `answered ${status}`
  if (content === undefined) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(chunks).includes(content) ? undefined : `the answer does not contain ${JSON.stringify(content)}`
}
