import {describe, expect, test} from 'vitest'
import {type BuildEnv, RejectedSource} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {toRange} from '../../../../src/lib/runtime/buildpacks/php/constraint.js'
import {php} from '../../../../src/lib/runtime/buildpacks/php/php.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages} from './packages.js'

const env: BuildEnv = {stack: 'heroku-24', architecture: 'x64', now: new Date('2026-11-22T00:00:00Z'), configVars: {}, packages, clients}

interface Lock {
  packages?: object[]
  platform?: Record<string, string>
}

async function planned(files: Record<string, string>, over: Partial<BuildEnv> = {}) {
  await using at = await sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))
  return await php.compile(at.source, {...env, ...over})
}

async function composed(manifest: object, lock: Lock = {}, files: Record<string, string> = {}) {
  return await planned({'composer.json': JSON.stringify(manifest), 'composer.lock': JSON.stringify({packages: [], ...lock}), ...files})
}

async function refused(files: Record<string, string>): Promise<string[]> {
  const error = await planned(files).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RejectedSource)
  return (error as Error).message.split('\n')
}

const dependency = {name: 'a/b', type: 'library', require: {}, dist: {type: 'zip', url: 'https://example.test/a.zip'}}

describe('a constraint', () => {
  test.each([
    ['^8.1', '>=8.1.0 <9.0.0-0'],
    ['~8.2', '>=8.2.0 <9.0.0'],
    ['~8.2.0', '>=8.2.0 <8.3.0-0'],
    ['8.2.*', '>=8.2.0 <8.3.0-0'],
    ['>=7.4,<8.3', '>=7.4.0 <8.3.0-0'],
    ['^7.4|^8.0', '>=7.4.0 <8.0.0-0||>=8.0.0 <9.0.0-0'],
    ['>=8.1 !=8.3.2', '>=8.1.0'],
    ['^8.2@stable', '>=8.2.0 <9.0.0-0'],
    ['nonsense', undefined],
  ])('%s is %s', (constraint, range) => {
    expect(toRange(constraint)).toBe(range)
  })
})

describe('the version of PHP', () => {
  test.each([
    [{}, '8.4.28', undefined],
    [{php: '^8.1'}, '8.4.28', undefined],
    [{php: '~8.2.0'}, '8.2.36', 'bookworm'],
    [{php: '>=7.3 <8.0'}, '7.4.33', 'bullseye'],
  ])('for %o is the newest within: %s', async (require, version, suite) => {
    const {decisions, toolchains} = await composed({require, autoload: {}})
    expect(decisions[0]?.lines[0]).toBe(`- php (${version})`)
    expect(toolchains[0]?.debian?.from?.suite).toBe(suite)
  })

  test('is within what packages require as well', async () => {
    const {decisions} = await composed({require: {php: '>=7.4'}}, {packages: [{...dependency, require: {php: '<8.3'}}]})
    expect(decisions[0]?.lines[0]).toBe('- php (8.2.36)')
  })

  test('of another patch release is the line’s, and Composer is told', async () => {
    const {warnings, build} = await composed({require: {php: '8.2.99'}})
    expect(warnings[0]).toBe('PHP 8.2.99 cannot be had here; 8.2.36, the newest of its line, was used, and Composer told to accept it.')
    expect(build[0]?.run.join('\n')).toContain('--ignore-platform-req=php')
    expect(JSON.stringify((await composed({require: {php: '^8.2'}})).build)).not.toContain('--ignore-platform-req')
  })

  test('that Debian lacks is refused, with those that can be had', async () => {
    const lines = await refused({'composer.json': '{"require": {"php": "~8.3.0"}}', 'composer.lock': '{}'})
    expect(lines[0]).toBe('Failed to install system packages!')
    expect(lines).toContain('PHP: 8.4.28, 8.2.36, 7.4.33')
  })
})

describe('extensions', () => {
  test('come as Debian’s packages, those of packages too', async () => {
    const {toolchains, decisions} = await composed(
      {require: {'ext-redis': '*', 'ext-json': '*', 'ext-pdo_mysql': '*'}},
      {packages: [{...dependency, require: {'ext-intl': '*'}}], platform: {'ext-gd': '*'}},
    )
    const run = toolchains[0]?.debian?.run ?? []
    expect(run.filter(name => /php-(redis|intl|gd|mysql|json)$/.test(name))).toEqual(['php-mysql', 'php-gd', 'php-intl', 'php-redis'])
    expect(decisions[0]?.lines).toContain('- ext-gd')
  })

  test('that Debian lacks are refused', async () => {
    expect(await refused({'composer.json': '{"require": {"ext-phalcon": "*"}}', 'composer.lock': '{}'})).toContain(
      'The extension ext-phalcon cannot be had here.',
    )
  })
})

describe('Composer', () => {
  test('puts packages into a layer of their own, then runs over the source', async () => {
    const {dependencies, build} = await composed({require: {'a/b': '*'}, config: {'vendor-dir': 'lib/'}}, {packages: [dependency]})
    expect(dependencies?.files).toEqual(['composer.json', 'composer.lock'])
    expect(dependencies?.folders).toEqual(['lib'])
    expect(dependencies?.install.run.join()).toContain('--no-autoloader --no-scripts')
    expect(build[0]?.run.join('\n')).toContain(
      'composer install --no-dev --prefer-dist --optimize-autoloader --no-progress --no-interaction 2>&1',
    )
  })

  test.each([
    [{repositories: [{type: 'path', url: 'own'}]}, [dependency], {}],
    [{scripts: {'pre-install-cmd': 'x'}}, [dependency], {}],
    [{}, [{...dependency, type: 'composer-plugin'}], {}],
    [{}, [dependency], {'vendor/autoload.php': '', 'vendor/composer/x.php': ''}],
  ])('sees the whole source with %o %o %o', async (more, locked, files) => {
    const {dependencies, build} = await composed({require: {'a/b': '*'}, ...more}, {packages: locked}, files as Record<string, string>)
    expect(dependencies).toBeUndefined()
    expect(build.map(({name}) => name)).toEqual(['composer'])
  })

  test('runs the script `compile` last, if there is one', async () => {
    const {build} = await composed({scripts: {compile: 'x'}})
    expect(build[0]?.run.join('\n')).toContain('composer run-script --no-dev --no-interaction compile')
    expect(JSON.stringify((await composed({scripts: {other: 'x'}})).build)).not.toContain('run-script')
  })

  test('takes the files that COMPOSER names', async () => {
    const files = {
      'production.json': '{"require": {"a/b": "*"}}',
      'production.lock': JSON.stringify({packages: [dependency]}),
      'index.php': '',
    }
    const {dependencies} = await planned(files, {configVars: {COMPOSER: 'production.json'}})
    expect(dependencies?.files).toEqual(['production.json', 'production.lock'])
  })

  test.each([
    [{'composer.json': '{"require": {"php": "*"}}'}, "No 'composer.lock' found!"],
    [{'composer.json': '{,}'}, "Basic validation for 'composer.json' failed!"],
    [{'composer.json': '{}', 'composer.lock': '<<<<'}, "Failed to parse 'composer.lock'!"],
    [{'index.php': '', '.heroku/php/bin/php': ''}, 'Your app source code contains artifacts from a previous build!'],
    [{'composer.json': '{"require-dev": {"php": "^8"}}'}, "Runtime specified in 'require-dev' but not in 'require'!"],
    [
      {'composer.json': '{"require": {"heroku/heroku-buildpack-php": "*"}}', 'composer.lock': '{}'},
      "Package 'heroku/heroku-buildpack-php' found!",
    ],
  ])('of %o is refused: %s', async (files, line) => {
    expect((await refused(files as unknown as Record<string, string>))[0]).toBe(line)
  })
})

describe('an app', () => {
  test('of an index.php alone runs nothing and gets a Procfile', async () => {
    const {build, files, warnings, closing} = await planned({'index.php': ''})
    expect(build).toEqual([])
    expect(files['Procfile']).toBe('web: heroku-php-apache2\n')
    expect(warnings[0]).toBe("No 'composer.json' found!")
    expect(closing[0]?.lines).toEqual(["NOTICE: No Procfile, using 'web: heroku-php-apache2'."])
  })

  test('whose Procfile says where the boot script was gets a link there', async () => {
    const {build, files} = await planned({'index.php': '', Procfile: 'web: vendor/bin/heroku-php-nginx'})
    expect(build[0]?.run.join('\n')).toContain("ln -sf /app/.heroku/php/bin/heroku-php-$server 'vendor/bin'/")
    expect(files['Procfile']).toBeUndefined()
  })
})
