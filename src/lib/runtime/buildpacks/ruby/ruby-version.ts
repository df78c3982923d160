import semver from 'semver'
import {type BuildEnv, type Clients, RejectedSource} from '../buildpack.js'
import {listPackages, suiteFunctions} from '../debian-suites.js'
import type {Lockfile} from './lockfile.js'

/** A Ruby of one of Debian's suites. */
export interface Ruby {
  /** `3.3` */
  line: string
  /** `3.3.14` */
  version: string
  /** `trixie` */
  suite: string
  /** It is the stack's own suite. */
  own: boolean
}

export interface RubyVersion {
  ruby: Ruby
  /** Another patch release than the Gemfile asks for: Bundler has to be told. */
  substituted: boolean
  warnings: string[]
}

/** Older suites whose Ruby runs on the stack. */
const otherSuites = ['bookworm', 'bullseye']
const names = 'ruby2.{5..9} ruby3.{0..9} ruby4.{0..9}'

/** The Ruby for Gemfile.lock's RUBY VERSION, of its line; without one, the stack's own. Throws RejectedSource, with what there is. */
export async function resolveRuby({ruby: wanted, jruby}: Lockfile, {clients, stack}: BuildEnv): Promise<RubyVersion> {
  if (jruby !== undefined) throw noJruby(jruby)
  const line = wanted?.split('.').slice(0, 2).join('.')
  const rubies = await rubiesFor(clients, line)
  const ruby = rubies.find(one => (line === undefined ? one.own : one.line === line))
  if (ruby === undefined) throw unavailable(wanted ?? '', stack, rubies)
  if (wanted === undefined) return {ruby, substituted: false, warnings: unspecified(ruby)}
  const substituted = ruby.version !== wanted
  return {ruby, substituted, warnings: [...(substituted ? otherPatch(wanted, ruby) : []), ...(ruby.own ? [] : endOfLife)]}
}

async function rubiesFor(clients: Clients, line: string | undefined): Promise<Ruby[]> {
  const own = newest(await clients.ask({id: 'rubies', run: [...suiteFunctions, ...listPackages('$own', names)]}), true)
  if (line === undefined || own.some(ruby => ruby.line === line)) return own
  const others = await clients.ask({
    id: 'rubies-elsewhere',
    run: [...suiteFunctions, ...otherSuites.flatMap(suite => listPackages(suite, names))],
  })
  return [...own, ...newest(others, false).filter(({line: other}) => own.every(ruby => ruby.line !== other))]
}

/** `bookworm ruby3.1 3.1.7+really3.1.2-0+deb12u1`: the newest of each line, security updates too. */
function newest(lines: string[], own: boolean): Ruby[] {
  const found = new Map<string, Ruby>()
  for (const text of lines) {
    const [, suite = '', line = '', debian = ''] = /^(\S+) ruby([\d.]+) (\S+)$/.exec(text.trim()) ?? []
    const version = /\+really([\d.]+)/.exec(debian)?.[1] ?? /^[\d.]+/.exec(debian)?.[0]
    const known = found.get(line)
    if (version === undefined || (known !== undefined && semver.gte(known.version, version))) continue
    found.set(line, {line, version, suite, own})
  }
  return [...found.values()]
}

function unspecified({version}: Ruby): string[] {
  return [
    'You have not declared a Ruby version in your Gemfile.',
    '',
    'To declare a Ruby version add this line to your Gemfile:',
    '',
    '```',
    `ruby "${version}"`,
    '```',
    '',
    'For more information see:',
    '  https://devcenter.heroku.com/articles/ruby-versions',
  ]
}

function otherPatch(wanted: string, {version}: Ruby): string[] {
  return [`Ruby ${wanted} cannot be had here; ${version}, the newest of its line, was used, and Bundler told to accept it.`]
}

const endOfLife = [
  'EOL Ruby Version',
  '',
  'You are using a Ruby version that has reached its End of Life (EOL).',
  'It no longer receives security updates from Ruby Core and may have serious',
  'vulnerabilities. Upgrade your Ruby version as soon as possible.',
]

function unavailable(wanted: string, stack: string, rubies: Ruby[]): RejectedSource {
  return new RejectedSource([
    'The Ruby version you are trying to install does not exist on this stack.',
    '',
    `You are trying to install ruby-${wanted} on ${stack}.`,
    '',
    'These can be had:',
    '',
    ...rubies.map(({version}) => `  - ruby-${version}`),
    '',
    'Another patch release of one of their lines is accepted with a warning. To change the version,',
    'edit the `ruby` line of the Gemfile, then run `bundle update --ruby` and commit the result.',
    '',
    'For more information on syntax for declaring a Ruby version see:',
    '  https://devcenter.heroku.com/articles/ruby-versions',
  ])
}

function noJruby(version: string): RejectedSource {
  return new RejectedSource([
    `JRuby cannot be had here, and Gemfile.lock asks for JRuby ${version}.`,
    '',
    'Deploy with a Dockerfile (hokku stack:set container), or remove `engine: "jruby"` from the Gemfile,',
    'run `bundle update --ruby` and commit the result.',
  ])
}
