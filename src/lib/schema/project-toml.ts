import {z} from 'zod'
import {readToml, type TomlTable} from './toml.js'

const text = z.string({error: 'should be a string'}).min(1, 'should not be empty')
const list = <T extends z.ZodType>(of: T) => z.array(of, {error: 'should be a list'})

const buildpack = z
  .object(
    {
      id: text.optional(),
      version: text.optional(),
      uri: text.optional(),
      script: z.object({api: text, inline: text, shell: text.optional()}, {error: 'should be a table with api and inline'}).optional(),
      optional: z.boolean({error: 'should be true or false'}).optional(),
    },
    {error: 'should be a table with id, version, uri or script'},
  )
  .refine(({id, uri, script}) => id !== undefined || uri !== undefined || script !== undefined, 'needs an id, a uri or a script')
  .refine(({uri, script}) => uri === undefined || script === undefined, 'has both a uri and a script')

const variable = z.object(
  {
    name: text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable'),
    value: z.string({error: 'should be a string'}),
  },
  {error: 'should be a table with name and value'},
)

const group = z.object({group: list(buildpack).optional()}, {error: 'should be a table'}).optional()
const buildpacksTable = z
  .object({
    builder: text.optional(),
    include: list(text).optional(),
    exclude: list(text).optional(),
    group: list(buildpack).optional(),
    pre: group,
    post: group,
    build: z.object({env: list(variable).optional()}, {error: 'should be a table'}).optional(),
  })
  .refine(({include, exclude}) => include === undefined || exclude === undefined, 'has both include and exclude: use one of them')

/** A buildpack that a project asks for: one of the builder's by its id, one from elsewhere, or a script. */
export type ProjectBuildpack = z.infer<typeof buildpack>

/** What project.toml says of the build with Cloud Native Buildpacks (buildpacks.io, Project Descriptor). */
export interface ProjectToml {
  builder: string | undefined
  /** Patterns as in .gitignore; at most one of the two. */
  include: string[] | undefined
  exclude: string[] | undefined
  /** Replaces the builder's own order. */
  group: ProjectBuildpack[]
  /** Before and after each group of the builder's. */
  pre: ProjectBuildpack[]
  post: ProjectBuildpack[]
  env: Record<string, string>
}

export interface ReadProjectToml {
  /** Undefined when there are problems. */
  project: ProjectToml | undefined
  /** `project.toml io.buildpacks.builder: should be a string`, all at once. */
  problems: string[]
}

/**
 * Reads project.toml of schema version 0.2, `[io.buildpacks]`, or 0.1, `[build]`. Tables of others pass. Throws InvalidToml for what is no
 * TOML.
 */
export function parseProjectToml(text: string, file = 'project.toml'): ReadProjectToml {
  const table = readToml(text, file)
  const {path, value} = buildpacksOf(table)
  const {success, data, error} = buildpacksTable.safeParse(value)
  if (!success)
    return {project: undefined, problems: error.issues.map(issue => `${file} ${[...path, ...issue.path].join('.')}: ${issue.message}`)}
  const {builder, include, exclude, group = [], pre, post, build} = data
  const env = Object.fromEntries((build?.env ?? []).map(({name, value}) => [name, value]))
  return {project: {builder, include, exclude, group, pre: pre?.group ?? [], post: post?.group ?? [], env}, problems: []}
}

function buildpacksOf(table: TomlTable): {path: string[]; value: unknown} {
  const io = table['io']
  const value = typeof io === 'object' && io !== null ? (io as TomlTable)['buildpacks'] : undefined
  const old = table['build']
  if (value !== undefined || typeof old !== 'object' || old === null) return {path: ['io', 'buildpacks'], value: value ?? {}}
  const {buildpacks, env, ...rest} = old as TomlTable
  return {path: ['build'], value: {...rest, ...(buildpacks !== undefined && {group: buildpacks}), ...(env !== undefined && {build: {env}})}}
}
