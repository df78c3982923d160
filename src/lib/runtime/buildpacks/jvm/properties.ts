import type {Source} from '../buildpack.js'

/** A value of a .properties file, read as Heroku's buildpacks do: `key = value`, the value up to the first odd character. */
export async function javaProperty(source: Source, file: string, key: string): Promise<string | undefined> {
  const escaped = key.replaceAll('.', '\\.')
  const text = (await source.text(file)) ?? ''
  const found = [...text.matchAll(new RegExp(`^${escaped}(?:[ \\t]*=[ \\t]*|[ \\t]+)([_A-Za-z0-9.-]*)`, 'gm'))].at(-1)
  return found?.[1] || undefined
}
