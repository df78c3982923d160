import {z} from 'zod'
import {RejectedSource, type Source} from '../buildpack.js'

const strings = z.record(z.string(), z.string()).catch({})

const schema = z.object({
  name: z.string().optional().catch(undefined),
  scripts: strings.default({}),
  engines: strings.default({}),
  packageManager: z.string().optional().catch(undefined),
  dependencies: strings.default({}),
  devDependencies: strings.default({}),
  optionalDependencies: strings.default({}),
  bin: z.unknown().optional(),
  workspaces: z.unknown().optional(),
  cacheDirectories: z.array(z.string()).optional().catch(undefined),
})

export type PackageJson = z.infer<typeof schema>

/** Reads package.json leniently: what a field should not be counts as absent. Throws RejectedSource when it is no JSON object. */
export async function readPackageJson(source: Source, path = 'package.json'): Promise<PackageJson> {
  const text = await source.text(path)
  let value: unknown
  try {
    value = JSON.parse((text ?? '').replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new RejectedSource([`Unable to parse ${path}: ${(error as Error).message}`])
  }
  const read = schema.safeParse(value)
  if (!read.success) throw new RejectedSource([`Unable to parse ${path}: it should hold an object`])
  return read.data
}
