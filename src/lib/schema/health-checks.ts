import {z} from 'zod'

const text = z.string({error: 'should be a string'})
const yes = z.boolean({error: 'should be true or false'})
const number = z.number({error: 'should be a number'})
const seconds = number.min(0, 'should be 0 or more seconds').max(3600, 'should be at most 3600 seconds')
const someSeconds = number.min(1, 'should be at least 1 second').max(3600, 'should be at most 3600 seconds')

const ways = ['path', 'command', 'uptime', 'listening'] as const

/** One check of a process type, as Dokku writes them into app.json. Times in seconds. */
const healthCheck = z
  .object(
    {
      type: z.enum(['startup', 'liveness', 'readiness'], {error: 'should be "startup", "liveness" or "readiness"'}).default('startup'),
      name: text.optional(),
      path: text.startsWith('/', 'should begin with /').optional(),
      content: text.optional(),
      scheme: z.enum(['http', 'https'], {error: 'should be "http" or "https"'}).default('http'),
      port: number.int('should be a whole number').min(1, 'should be a port').max(65_535, 'should be a port').optional(),
      httpHeaders: z
        .array(z.object({name: text, value: text}, {error: 'should be an object with name and value'}), {error: 'should be a list'})
        .optional(),
      command: z.array(text, {error: 'should be a list of strings'}).min(1, 'should name a program').optional(),
      uptime: seconds.optional(),
      listening: yes.optional(),
      initialDelay: seconds.default(0),
      attempts: number.int('should be a whole number').min(1, 'should be 1 or more').max(1000, 'should be at most 1000').default(3),
      wait: someSeconds.default(5),
      timeout: someSeconds.default(5),
      warn: yes.default(false),
    },
    {error: 'should be an object'},
  )
  .refine(check => ways.filter(way => check[way] !== undefined && check[way] !== false).length === 1, {
    error: `should have one of ${ways.join(', ')}`,
  })
  .refine(check => check.content === undefined || check.path !== undefined, {error: 'should be beside path', path: ['content']})

/** By process type. */
export const healthChecks = z.record(z.string(), z.array(healthCheck, {error: 'should be a list of checks'}), {
  error: 'should be an object of process types',
})

export type HealthCheck = z.infer<typeof healthCheck>
export type HealthChecks = z.infer<typeof healthChecks>

/** What a check is called in a log: its name, or what it does. */
export function checkName({name, path, command, uptime}: HealthCheck): string {
  return name ?? path ?? command?.join(' ') ?? (uptime === undefined ? 'listening' : `uptime ${uptime} s`)
}
