import type {Context} from 'hono'

/** The form of the API that a client asks for in its `Accept` header: the one of the published schema (`version=3.sdk`), or plain version 3. */
export type Variant = 'plain' | 'sdk'

/** A client that names no variant gets the plain one, as heroku-go, the Terraform provider and older SDKs do. */
export function variantOf(c: Pick<Context, 'req'>): Variant {
  return /version=3\.sdk\b/.test(c.req.header('accept') ?? '') ? 'sdk' : 'plain'
}
