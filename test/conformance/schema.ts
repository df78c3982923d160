import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {ValidateFunction} from 'ajv'
import AjvDraft04 from 'ajv-draft-04'
import type {Exchange} from './recorder.js'

/** The published hyper-schema of the Platform API, which is not part of this repository. */
export const schemaPath =
  process.env['HOKKU_PLATFORM_SCHEMA'] ?? fileURLToPath(new URL('../../../shared/schema/platform-api-v3.json', import.meta.url))
export const hasSchema = existsSync(schemaPath)

interface Schema {
  [key: string]: unknown
  $ref?: string
  definitions?: Record<string, Schema>
  properties?: Record<string, Schema>
  links?: Link[]
}

interface Link {
  method: string
  href: string
  targetSchema?: Schema
}

interface Route {
  method: string
  pattern: RegExp
  /** Compiled when it is first asked for: all of them take seconds. */
  validator: () => ValidateFunction
}

/** Properties that the schema lists and that the real API leaves out as well, by definition. */
const optional: Record<string, string[]> = {
  'add-on-attachment': ['config_vars'],
  'add-on': ['provision_message', 'billed_price'],
}

/**
 * Resources that we answer more fully: a command inside a dyno with the whole dyno, of which the schema lists the attach URL alone;
 * attachments with what `Accept-Inclusion` asks for, which the schema does not know.
 */
const fuller = ['dyno-processes', 'add-on-attachment']

/** Holds answers of the runtime against the schema. */
export class PublishedSchema {
  private readonly routes: Route[]

  constructor(path = schemaPath) {
    const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema & {definitions: Record<string, Schema>}
    const links = Object.values(schema.definitions).flatMap(one => one.links ?? [])
    const ajv = new AjvDraft04.default({strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false})
    ajv.addSchema({id: 'api', definitions: strip(required(relaxed(schema.definitions)))})
    this.routes = links
      .filter(link => link.targetSchema !== undefined)
      .map(({method, href, targetSchema}) => ({
        method,
        pattern: new RegExp(`^${href.replace(/\{[^}]*\}/g, '[^/]+')}$`),
        validator: once(() => ajv.compile(absolute(strip(targetSchema)) as object)),
      }))
  }

  /** What is wrong with an answer; undefined when the schema does not know the request. */
  problems({method, path, status, body}: Exchange): string[] | undefined {
    const clean = path.replace(/\?.*/, '')
    const route = this.routes.find(one => one.method === method && one.pattern.test(clean))
    if (status >= 400) return errorProblems(body)
    if (route === undefined) return undefined
    const validate = route.validator()
    validate(body)
    return (validate.errors ?? []).map(error => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`)
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function errorProblems(body: unknown): string[] {
  const {id, message} = (body ?? {}) as {id?: unknown; message?: unknown}
  return typeof id === 'string' && typeof message === 'string' ? [] : ['an error has an id and a message']
}

/** Names of hosts that only Heroku has, an app's generation, which the schema's own variant of the API alone has as a string, and the plan of an attachment's add-on, which is there when `Accept-Inclusion` asks for it. */
function relaxed(definitions: Record<string, Schema>): Record<string, Schema> {
  const app = definitions['app']?.definitions as Record<string, Schema>
  delete app['web_url']?.['pattern']
  delete app['git_url']?.['pattern']
  Object.assign(app['generation'] as Schema, {type: ['string', 'object']})
  delete definitions['add-on-attachment']?.properties?.['addon']?.['additionalProperties']
  return definitions
}

/** The schema says for few properties that they are required; an answer is to have all that the resource lists, and no more where it is strict. */
function required(definitions: Record<string, Schema>): Record<string, Schema> {
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.properties === undefined) continue
    const left = optional[name] ?? []
    const names = Object.keys(definition.properties).filter(property => !left.includes(property))
    if (names.length > 0) definition['required'] = names
    if (definition['strictProperties'] === true && !fuller.includes(name)) definition['additionalProperties'] = false
  }
  return definitions
}

/** Without what is not validation: links, examples, and ids that are addresses. */
function strip<T>(value: T): T {
  if (Array.isArray(value)) return value.map(strip) as T
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => !['links', 'example', '$schema'].includes(key) && !(key === 'id' && typeof inner === 'string'),
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner)])) as T
}

function absolute<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/', '"$ref":"api#/')) as T
}
