import {expect} from 'vitest'
import {ask} from './ask.js'

/** What an example's expect.json says of a request; `ask` and `headers` are the request's headers and the answer's. */
export interface ExpectedGet {
  path: string
  status: number
  body?: string
  ask?: Record<string, string>
  /** null: there is none. */
  headers?: Record<string, string | null>
}

/** Throws unless a GET of it is answered as expected; redirects are answers. */
export async function expectAnswer(url: string, {path, status, body, ask: asked = {}, headers = {}}: ExpectedGet): Promise<void> {
  const answer = await ask(`${url}${path}`, {headers: asked, timeout: 5000})
  const seen = Object.fromEntries(Object.keys(headers).map(name => [name, answer.headers[name.toLowerCase()] ?? null]))
  expect({path, status: answer.status, body: body === undefined ? undefined : answer.body, headers: seen}).toEqual({
    path,
    status,
    body,
    headers,
  })
}
