import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {findBuildpack} from '../../../../src/lib/runtime/buildpacks/index.js'
import {boot} from '../../../../src/lib/runtime/buildpacks/static/boot.js'
import {literal, toRegex} from '../../../../src/lib/runtime/buildpacks/static/quoting.js'
import {staticSite} from '../../../../src/lib/runtime/buildpacks/static/static.js'
import {temporaryDirectory} from '../../hostile/temporary-directory.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages, unseen} from './packages.js'

const env = {stack: 'heroku-24', architecture: 'x64' as const, now: new Date('2026-11-25T00:00:00Z'), configVars: {}, packages, clients}

async function planOf(site: unknown, files: Record<string, string> = {}) {
  const own = site === undefined ? {} : {'static.json': typeof site === 'string' ? site : JSON.stringify(site)}
  await using at = await sourceOf(Object.entries({...own, ...files}).map(([path, text]) => ({path, text})))
  return await staticSite.compile(at.source, env)
}
const confOf = async (site: unknown) => (await planOf(site)).files['.heroku/static/nginx.conf.template'] ?? ''

describe('heroku-community/static', () => {
  test.each([
    [['static.json', 'package.json'], 'Static HTML'],
    [['index.html', 'style.css'], 'Static HTML'],
    [['index.html', 'package.json'], undefined],
    [['public/index.html'], undefined],
  ])('detects %j as %s', async (paths, language) => {
    await using at = await sourceOf(paths.map(path => ({path, text: '{}'})))
    expect(await staticSite.detect(at.source)).toBe(language)
  })

  test.each([
    'heroku/static',
    'heroku-community/static',
    'urn:buildpack:heroku-community/static',
    'https://github.com/heroku/heroku-buildpack-static.git#v7',
  ])('is %s', name => {
    expect(findBuildpack(name)).toBe(staticSite)
  })

  test('is started by bin/boot, which is a program', async () => {
    expect((await planOf({})).files['bin/boot']).toMatch(/^#!\/usr\/bin\/perl\n/)
    await using at = await sourceOf([{path: 'static.json', text: '{}'}])
    expect(await staticSite.release(at.source, unseen)).toEqual({defaultProcessTypes: {web: 'bin/boot'}})
  })

  test('tells all that is wrong with a static.json', async () => {
    await expect(planOf('{')).rejects.toThrow('static.json is not valid JSON')
    await expect(planOf({root: 1, proxies: {'/api': 'https://x'}})).rejects.toThrow(/root: .*\nproxies \/ \/api: /)
    await expect(planOf([])).rejects.toThrow('static.json: ')
  })
})

describe('the configuration', () => {
  test.each([
    [{}, '/app/public_html'],
    [{root: 'dist'}, '/app/dist'],
    [{root: './build/client/'}, '/app/build/client'],
    [{root: '/'}, '/app'],
    [undefined, '/app'],
  ])('of %j has its root at %s', async (site, root) => {
    expect(await confOf(site)).toContain(`root "${root}";`)
  })

  test('hides what runs the site only where the app’s folder is the site', async () => {
    expect(await confOf({root: '.'})).toContain('bin/boot')
    expect(await confOf({root: 'dist'})).not.toContain('bin/boot')
  })

  test('asks the proxy with the longest prefix first, and paths mean themselves', async () => {
    const conf = await confOf({proxies: {'/a': {origin: 'http://x'}, '/a.b/': {origin: 'http://y'}}})
    expect(conf).toMatch(/"~\^\/a\\\.b\/" @proxy_1;\n +"~\^\/a" @proxy_0;/)
  })

  test('names the last rule for a path’s headers first, whatever the case of their names', async () => {
    const conf = await confOf({headers: {'/**': {'X-A': '1'}, '/b': {'x-a': 2}}})
    expect(conf).toMatch(/"~\^\/b\$" 1;\n +"~\^\/\.\*\$" 0;/)
    expect(conf).toMatch(/0 "1";\n +1 "2";/)
    expect(conf.match(/add_header/g)).toHaveLength(1)
    expect(conf).not.toContain('load_module')
  })

  test('loads a module for another Content-Type only', async () => {
    const conf = await confOf({headers: {'/x': {'content-type': 'application/json'}}})
    expect(conf).toMatch(/^load_module/)
    expect(conf).not.toContain('add_header')
  })

  test.each([
    [{}, 'access_log /dev/stdout;', '{{error_log "error"}}'],
    [{logging: {access: false, error: 'warn'}}, 'access_log off;', '{{error_log "warn"}}'],
  ])('of %j logs as it says', async (site, access, error) => {
    const conf = await confOf(site)
    expect(conf).toContain(access)
    expect(conf).toContain(error)
  })

  test('is refused where it would not mean what it says', async () => {
    await expect(confOf({logging: {error: 'error; } evil {'}})).rejects.toThrow(/^Error: static.json cannot be used.\n\nlogging \/ error: /)
    const redirects = Object.fromEntries(Array.from({length: 1001}, (_, index) => [`/${index}`, {url: '/'}]))
    await expect(confOf({redirects})).rejects.toThrow('redirects: more than 1000 entries')
  })

  test('takes nothing of the address of a proxy for words of its own', async () => {
    await using at = await temporaryDirectory()
    const [template, program] = [join(at.path, 'template'), join(at.path, 'boot')]
    writeFileSync(template, await confOf({proxies: {'/api': {origin: `https://api.example.com/v\${VERSION}`}}}))
    const script = boot.replace('/app/.heroku/static/nginx.conf.template', template).replace("'/tmp/nginx'", `'${at.path}/nginx'`)
    writeFileSync(program, script.replace(/^exec .*$/m, 'print $conf;'))
    const conf = String(
      execFileSync('perl', [program], {env: {PATH: process.env['PATH'], VERSION: '1{$x'}, stdio: ['ignore', 'pipe', 'ignore']}),
    )
    expect(conf).toContain(`rewrite "^/api/?(.*)$" "/v1{\${dollar}x/$1" break;`)
  })

  test('protects by a password where static.json says so, and leaves it to config vars elsewhere', async () => {
    expect(await confOf({basic_auth: true})).toContain('{{basic_auth "/app/.htpasswd"}}')
    expect(await confOf({basic_auth: false})).toContain('{{basic_auth_if_configured "/app/.htpasswd"}}')
  })

  test('redirects to TLS before the canonical host', async () => {
    const conf = await confOf({https_only: true, canonical_host: 'www.example.com'})
    expect(conf.indexOf('https://$host')).toBeLessThan(conf.indexOf('{{url "www.example.com"}}'))
    expect(conf.indexOf('https://$host')).toBeGreaterThan(0)
  })
})

test('patterns', () => {
  expect(['/foo/*', '/foo/**', '/a.b/*.html'].map(toRegex)).toEqual(['/foo/[^/]*', '/foo/.*', '/a\\.b/[^/]*\\.html'])
})

test('a text means itself: nginx sees no variable in it, bin/boot no mark', () => {
  expect(literal(`a "b" \\ $c {{port}}`)).toBe(`"a \\"b\\" \\\\ \${dollar}c {\${nothing}{port}}"`)
})
