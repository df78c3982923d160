import {z} from 'zod'
import {healthChecks} from './health-checks.js'
import {orText} from './or-text.js'

const text = z.string({error: 'should be a string'})
const object = (what: string) => ({error: `should be ${what}`})

const envEntry = orText(
  'value',
  {
    description: text.optional(),
    value: text.optional(),
    required: z.boolean(object('true or false')).optional(),
    generator: z.literal('secret', object('"secret"')).optional(),
  },
  'a string, or an object with description, value, required and generator',
)

const quantity = z.number(object('a number')).int('should be a whole number').min(0, 'should be 0 or more')
const dynos = z.object({quantity: quantity.optional(), size: text.optional()}, object('an object with quantity and size'))

/** The older array form, `[{"process": "web", "quantity": 1}]`, is read too. */
const formation = z.preprocess(
  value => (Array.isArray(value) ? Object.fromEntries(value.map(({process, ...rest}) => [String(process), rest])) : value),
  z.record(z.string(), dynos, object('an object of process types')),
)

const addon = orText(
  'plan',
  {plan: text, as: text.optional(), options: z.record(z.string(), text).optional()},
  '"service:plan", or an object with plan, as and options',
)

const script = orText('command', {command: text, size: text.optional()}, 'a command, or an object with command and size')

/** Heroku's. Others are other tools', which keep what they like there. */
const scripts = {
  postdeploy: script.optional(),
  'pr-predestroy': script.optional(),
  test: script.optional(),
  'test-setup': script.optional(),
}

const perEnvironment = {
  env: z.record(z.string(), envEntry, object('an object of config vars')).optional(),
  formation: formation.optional(),
  addons: z.array(addon, object('a list')).optional(),
  buildpacks: z.array(orText('url', {url: text}, 'an object with url'), object('a list')).optional(),
  scripts: z.object(scripts, object('an object of scripts')).optional(),
  stack: text.optional(),
}

const environment = z.object(perEnvironment, object('an object')).optional()

/** app.json as Heroku documents it, and `healthchecks` as Dokku does. Unknown keys pass. */
export const appJson = z.object(
  {
    name: text.optional(),
    description: text.optional(),
    keywords: z.array(text, object('a list of strings')).optional(),
    website: text.optional(),
    repository: text.optional(),
    logo: text.optional(),
    success_url: text.optional(),
    image: text.optional(),
    healthchecks: healthChecks.optional(),
    ...perEnvironment,
    environments: z
      .object({test: environment, review: environment, production: environment}, object('an object with test and review'))
      .optional(),
  },
  object('an object'),
)

export type AppJson = z.infer<typeof appJson>

export const knownKeys: ReadonlySet<string> = new Set(['$schema', ...Object.keys(appJson.shape)])
