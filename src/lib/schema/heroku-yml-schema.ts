import {z} from 'zod'
import {orText} from './or-text.js'

const text = z.string({error: 'should be a string'}).min(1, 'should not be empty')
/** Of a key that is wrong, its own message stands. */
const map = (what: string) => ({
  error: (issue: {code?: string; issues?: {message: string}[]}) =>
    issue.code === 'invalid_key' ? issue.issues?.[0]?.message : `should be a map of ${what}`,
})

const processType = z.string().regex(/^[A-Za-z0-9_-]+$/, 'is no name of a process type: letters, digits, - and _ only')
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable')
const variables = z.record(variable, z.string({error: 'should be a string'}), map('names and values'))

/** Several commands run one after the other, as long as each succeeds. */
const command = z.union([text.transform(one => [one]), z.array(text).min(1, 'should not be empty')], {
  error: 'should be a command or a list of commands',
})

/** A command, a list of them, or a map that says in which image too. */
const processCommand = z.preprocess(
  value => (typeof value === 'string' || Array.isArray(value) ? {command: value} : value),
  z.object({command, image: text.optional()}, {error: 'should be a command, a list of commands, or a map with command and image'}),
)

const dockerfile = orText('dockerfile', {dockerfile: text, target: text.optional()}, 'a Dockerfile, or a map with dockerfile and target')
const addon = orText('plan', {plan: text, as: text.optional(), options: variables.optional()}, 'a plan, or a map with plan and as')

/** heroku.yml as Heroku documents it ("Building Docker Images with heroku.yml"). Unknown keys pass. */
export const herokuYml = z.object(
  {
    setup: z
      .object({addons: z.array(addon, {error: 'should be a list'}).optional(), config: variables.optional()}, map('addons and config'))
      .optional(),
    build: z
      .object(
        {docker: z.record(processType, dockerfile, map('process types and Dockerfiles')).optional(), config: variables.optional()},
        map('docker and config'),
      )
      .optional(),
    release: z.object({image: text.optional(), command: command.optional()}, map('image and command')).optional(),
    run: z.record(processType, processCommand, map('process types and commands')).optional(),
  },
  {error: 'should be a map with setup, build, release and run'},
)

export type HerokuYml = z.infer<typeof herokuYml>

/** What each map of the file may hold; `*` is any key. */
export const knownKeys: Record<string, readonly string[]> = {
  '': ['setup', 'build', 'release', 'run'],
  setup: ['addons', 'config'],
  'setup.addons.*': ['plan', 'as', 'options'],
  build: ['docker', 'config'],
  'build.docker.*': ['dockerfile', 'target'],
  release: ['image', 'command'],
  'run.*': ['command', 'image'],
}
