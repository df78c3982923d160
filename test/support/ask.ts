import {type IncomingHttpHeaders, request} from 'node:http'
import {text} from 'node:stream/consumers'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/**
 * A GET that always ends: a redirect is an answer, a silence of that many ms an error. Not fetch: Node may forget the signal of its timeout
 * while it is waited for, and a test then waits without end.
 */
export function ask(
  url: string,
  {headers = {}, timeout = 15_000}: {headers?: Record<string, string>; timeout?: number} = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {agent: false, timeout, headers}, response => {
      text(response).then(body => resolve({status: response.statusCode ?? 0, headers: response.headers, body}), reject)
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${timeout} ms`))).on('error', reject)
    asked.end()
  })
}
