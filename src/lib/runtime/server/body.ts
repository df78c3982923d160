import {Readable} from 'node:stream'
import type {ReadableStream} from 'node:stream/web'
import type {Context} from 'hono'
import {z} from 'zod'
import {PlatformError} from '../../schema/errors.js'
import type {ApiEnv} from './services.js'

/** A body of JSON may be this large, in bytes: 64 kB of config vars, escaped, fit many times. */
const limit = 1024 * 1024

/** True or false; 1 and 0 too, which Heroku takes and heroku3.py sends. */
export const flag = z.preprocess(value => (value === 1 ? true : value === 0 ? false : value), z.boolean())

/** The JSON body, checked; an absent body is `{}`. Throws bad_request or invalid_params with every problem at once. */
export async function body<T>(c: Context<ApiEnv>, schema: z.ZodType<T>): Promise<T> {
  return checked(jsonOf(await textBody(c)), schema)
}

/** The same, of a form as well, which is what OAuth is made of. */
export async function formOrJson<T>(c: Context<ApiEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await textBody(c)
  const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  return checked(isForm ? Object.fromEntries(new URLSearchParams(text)) : jsonOf(text), schema)
}

function jsonOf(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch (cause) {
    throw new PlatformError('bad_request', `The request body is not JSON: ${(cause as Error).message}`, {cause})
  }
}

function checked<T>(json: unknown, schema: z.ZodType<T>): T {
  // The schemas would drop it without a word.
  if (typeof json === 'object' && json !== null && Object.hasOwn(json, '__proto__'))
    throw new PlatformError('invalid_params', '__proto__: not available as a name')
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const problems = result.error.issues.map(issue => [issue.path.join('/'), issue.message].filter(Boolean).join(': '))
  throw new PlatformError('invalid_params', problems.join('; '))
}

/** The body as text. Throws as `bytesBody` does. */
async function textBody(c: Context<ApiEnv>): Promise<string> {
  return (await bytesBody(c)).toString('utf8')
}

/** The body. Throws bad_request for one over the limit; reads no further than that, but lets the client send all, so that it gets the answer. */
export async function bytesBody(c: Context<ApiEnv>): Promise<Buffer> {
  const body = requestBody(c)
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of body.iterator({destroyOnReturn: false}) as AsyncIterable<Uint8Array>) {
    total += chunk.length
    if (total > limit) {
      body.resume()
      throw new PlatformError('bad_request', 'The request body is larger than 1 MB.')
    }
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}

/** The body as it comes in. */
export function requestBody(c: Context<ApiEnv>): Readable {
  if (c.env?.incoming !== undefined) return c.env.incoming
  return c.req.raw.body === null ? Readable.from([]) : Readable.fromWeb(c.req.raw.body as ReadableStream)
}
