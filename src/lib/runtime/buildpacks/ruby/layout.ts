import type {Source} from '../buildpack.js'
import type {Lockfile} from './lockfile.js'

/** The files that decide what Bundler installs; undefined when it may need the rest of the source too. */
export async function dependencyFiles(source: Source, {paths}: Lockfile): Promise<string[] | undefined> {
  const gemfile = (await source.text('Gemfile')) ?? ''
  if (/\b(eval_gemfile|instance_eval|require_relative|gemspec|File|Dir|IO|Pathname|__dir__)\b|^\s*(require|load)\b/m.test(gemfile))
    return undefined
  // A checked-in bundle would come over what was installed.
  if (source.hasFolder('vendor/bundle') || paths.includes('.') || paths.some(path => /^(\/|\.\.)/.test(path))) return undefined
  const fixed = /^(Gemfile|Gemfile\.lock|\.ruby-version|\.tool-versions|\.bundle\/config|vendor\/cache\/.*)$/
  return source.paths.filter(path => fixed.test(path) || paths.some(folder => path.startsWith(`${folder}/`)))
}

/** Config vars that the Gemfile reads, `ENV["SIDEKIQ_KEY"]`: an install depends on them whatever they are called. */
export async function namedVars(source: Source): Promise<string[]> {
  const gemfile = (await source.text('Gemfile')) ?? ''
  const names = [...gemfile.matchAll(/ENV(?:\.fetch\(|\[)\s*["']([A-Za-z_][A-Za-z0-9_]*)/g)].map(match => match[1] ?? '')
  return [...new Set(names)]
}
