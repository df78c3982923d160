import {z} from 'zod'
import {RejectedSource, type Source} from '../buildpack.js'

const mostRules = 1000
const record = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .refine(rules => Object.keys(rules).length <= mostRules, `more than ${mostRules} entries`)
    .default({})
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
/** Ruby's idea of true, as Heroku's buildpack has it. */
const flag = z
  .unknown()
  .optional()
  .transform(value => value !== undefined && value !== null && value !== false)

/** nginx's. */
const levels = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg']

const schema = z.object({
  root: z.string().nullish(),
  encoding: z.string().nullish(),
  canonical_host: z.union([z.string(), z.literal(false)]).nullish(),
  clean_urls: flag,
  https_only: flag,
  basic_auth: flag,
  basic_auth_htpasswd_path: z.string().nullish(),
  error_page: z.string().nullish(),
  routes: record(z.string()),
  redirects: record(z.object({url: z.string(), status: z.union([z.number(), z.string()]).nullish()})),
  proxies: record(z.object({origin: z.string()})),
  headers: record(z.record(z.string(), text)),
  logging: z.object({access: z.unknown().optional(), error: z.enum(levels).nullish()}).nullish(),
  worker_connections: z.union([z.number(), z.string()]).nullish(),
})

export type StaticJson = z.infer<typeof schema>

/** static.json, whose unknown keys mean nothing; without one the source is the site. Throws RejectedSource with all that is wrong in it. */
export async function readStaticJson(source: Source): Promise<StaticJson> {
  const content = await source.text('static.json')
  if (content === undefined) return schema.parse({root: '.'})
  let value: unknown
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new RejectedSource([`Error: static.json is not valid JSON: ${(error as Error).message}`])
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new RejectedSource(['Error: static.json cannot be used.', '', ...read.error.issues.map(told)])
}

function told({path, message}: {path: PropertyKey[]; message: string}): string {
  return `${path.map(String).join(' / ') || 'static.json'}: ${message}`
}
