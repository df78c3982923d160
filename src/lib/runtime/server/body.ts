import type {Context} from 'hono'
import type {z} from 'zod'
import {PlatformError} from '../../schema/errors.js'
import type {ApiEnv} from './services.js'

/** The JSON body, checked; an absent body is `{}`. Throws bad_request or invalid_params with every problem at once. */
export async function body<T>(c: Context<ApiEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  let json: unknown
  try {
    json = text.trim() === '' ? {} : JSON.parse(text)
  } catch (cause) {
    throw new PlatformError('bad_request', `The request body is not JSON: ${(cause as Error).message}`, {cause})
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const problems = result.error.issues.map(issue => [issue.path.join('/'), issue.message].filter(Boolean).join(': '))
  throw new PlatformError('invalid_params', problems.join('; '))
}
