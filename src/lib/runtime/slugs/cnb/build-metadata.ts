import {z} from 'zod'
import type {ProcessTypes} from '../../../schema/resources.js'
import {readToml} from '../../../schema/toml.js'
import {shellLine} from '../container/shell-words.js'

const process = z.object({
  type: z.string().regex(/^[A-Za-z0-9._-]+$/),
  command: z.union([z.string().transform(one => [one]), z.array(z.string())]),
  args: z.array(z.string()).nullish(),
  direct: z.boolean().nullish(),
  'exec-env': z.array(z.string()).nullish(),
})
const metadata = z.object({
  'buildpack-default-process-type': z.string().nullish(),
  buildpacks: z.array(z.object({id: z.string(), version: z.string()})).nullish(),
  extensions: z.array(z.unknown()).nullish(),
  labels: z.array(z.object({key: z.string(), value: z.string()})).nullish(),
  processes: z.array(process).nullish(),
})

/** What the lifecycle's builder says of the app in `config/metadata.toml`. */
export interface BuildMetadata {
  /** Those that took part, in order: `heroku/nodejs-engine`. */
  buildpacks: {id: string; version: string}[]
  /** As a line each, in the order of the file. */
  processTypes: ProcessTypes
  /** Undefined when no buildpack names one. */
  defaultType: string | undefined
  labels: {key: string; value: string}[]
  extensions: number
}

/** Reads it. Throws when it is not as the lifecycle writes it. */
export function readBuildMetadata(text: string): BuildMetadata {
  const read = metadata.parse(readToml(text, 'metadata.toml'))
  // Processes may be for tests or development only, since platform API 0.15.
  const runs = (read.processes ?? []).filter(
    one => !one['exec-env']?.length || one['exec-env'].some(env => env === 'production' || env === '*'),
  )
  return {
    buildpacks: read.buildpacks ?? [],
    processTypes: Object.fromEntries(runs.map(one => [one.type, commandLine(one)])),
    defaultType: read['buildpack-default-process-type'] || undefined,
    labels: read.labels ?? [],
    extensions: read.extensions?.length ?? 0,
  }
}

/** A process that is not direct is a script for a shell, and the arguments its words. */
function commandLine({command, args, direct}: z.infer<typeof process>): string {
  const words = args ?? []
  if (direct) return shellLine([...command, ...words])
  return [command.join(' '), ...(words.length === 0 ? [] : [shellLine(words)])].join(' ')
}
