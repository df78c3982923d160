import {expect} from 'vitest'

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
export async function expectAnswer(url: string, {path, status, body, ask = {}, headers = {}}: ExpectedGet): Promise<void> {
  const response = await fetch(`${url}${path}`, {redirect: 'manual', headers: ask, signal: AbortSignal.timeout(2000)})
  const said = await response.text()
  const seen = Object.fromEntries(Object.keys(headers).map(name => [name, response.headers.get(name)]))
  expect({path, status: response.status, body: body === undefined ? undefined : said, headers: seen}).toEqual({path, status, body, headers})
}
