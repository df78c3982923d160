import semver from 'semver'
import {RejectedSource, type Source} from '../buildpack.js'

/** What Gemfile.lock says. */
export interface Lockfile {
  /** Version by gem, without its platform: `{rails: '8.0.1'}`. */
  gems: ReadonlyMap<string, string>
  /** Folders of gems that are part of the source: `.`, `engines/shop`. */
  paths: string[]
  /** `3.3.9`; undefined without RUBY VERSION. */
  ruby: string | undefined
  /** `9.4.12.0` of JRuby. */
  jruby: string | undefined
  /** BUNDLED WITH. */
  bundler: string | undefined
}

/** Throws RejectedSource with Heroku's words when there is none. */
export async function readLockfile(source: Source): Promise<Lockfile> {
  const text = await source.text('Gemfile.lock')
  if (text === undefined) throw new RejectedSource(['Gemfile.lock required. Please check it in.'])
  return parseLockfile(text)
}

export function parseLockfile(text: string): Lockfile {
  const lines = text.replaceAll('\r', '')
  const gems = new Map<string, string>()
  for (const [, name = '', version = ''] of lines.matchAll(/^ {4}(\S+) \(([^)\s]+)\)$/gm)) gems.set(name, version.split('-')[0] ?? version)
  return {
    gems,
    paths: [...lines.matchAll(/^PATH\n {2}remote: (.+)$/gm)].map(([, path = '']) => path.replace(/^\.\//, '')),
    ruby: /^RUBY VERSION\n {2,3}ruby (\d+\.\d+\.\d+)/m.exec(lines)?.[1],
    jruby: /^RUBY VERSION\n {2,3}ruby [^(\n]*\(jruby ([\d.]+)\)/m.exec(lines)?.[1],
    bundler: /^BUNDLED WITH\n {2,3}(\d+\.\d+\.\d+\S*)/m.exec(lines)?.[1],
  }
}

/** Whether the bundle has that gem, at that version or a later one: `('railties', '4.1')`. */
export function hasGem({gems}: Lockfile, name: string, least = '0'): boolean {
  const version = semver.coerce(gems.get(name))
  return version !== null && semver.gte(version, semver.coerce(least) ?? '0.0.0')
}
