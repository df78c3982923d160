import {request as httpRequest, type IncomingMessage} from 'node:http'
import {request as httpsRequest, type RequestOptions} from 'node:https'
import type {HealthCheck} from '../../../schema/health-checks.js'

/** Content is looked for in so many bytes of an answer. */
const mostBytes = 1024 * 1024

/** Asks a dyno for a path; what is wrong with the answer, undefined when nothing is. */
export function httpProblem(check: HealthCheck, {address, port}: {address: string; port: number}): Promise<string | undefined> {
  return new Promise(resolve => {
    const headers = Object.fromEntries([['Host', 'localhost'], ...(check.httpHeaders ?? []).map(({name, value}) => [name, value])])
    const send = check.scheme === 'https' ? httpsRequest : httpRequest
    // Whose certificate it is does not matter: the address is the dyno's.
    const options: RequestOptions = {host: address, port: check.port ?? port, headers, agent: false, rejectUnauthorized: false}
    const asked = send({...options, path: check.path ?? '/'}, response => void answered(check, response).then(settle, failed))
    const settle = (problem: string | undefined): void => {
      clearTimeout(late)
      asked.destroy()
      resolve(problem)
    }
    const failed = (error: unknown): void => settle((error as Error).message)
    const late = setTimeout(() => settle(`no answer within ${check.timeout} s`), check.timeout * 1000)
    asked.on('error', failed)
    asked.end()
  })
}

async function answered({content}: HealthCheck, response: IncomingMessage): Promise<string | undefined> {
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
