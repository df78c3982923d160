import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {describe, expect, test} from 'vitest'
import type {BuildPlan} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {gitCredentials} from '../../../../src/lib/runtime/buildpacks/go/credentials.js'
import {go} from '../../../../src/lib/runtime/buildpacks/go/go.js'
import {parseGoMod} from '../../../../src/lib/runtime/buildpacks/go/go-mod.js'
import {requestedGo, resolveGo} from '../../../../src/lib/runtime/buildpacks/go/go-version.js'
import {goRelease} from '../../../../src/lib/runtime/buildpacks/go/toolchain.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages} from './packages.js'

async function planOf(files: Record<string, string>, configVars: Record<string, string> = {}): Promise<BuildPlan> {
  await using at = await sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))
  const now = new Date('2026-11-25T00:00:00Z')
  return await go.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars, packages, clients})
}
const run = promisify(execFile)
const script = (plan: BuildPlan) => plan.build.flatMap(step => step.run).join('\n')
const mod = (...lines: string[]) => ({'go.mod': ['module example.com/app', ...lines].join('\n')})

describe('the version of Go', () => {
  const listed = [
    'go1.20',
    'go1.20.14',
    'go1.21.13',
    'go1.24.4',
    'go1.24.13',
    'go1.25.3',
    'go1.25.14',
    'go1.26.11',
    'go1.27rc1',
    'go1.27.4',
  ]
  const releases = {listed, exists: async (version: string) => version === 'go1.25.12'}
  const versionFor = async (lines: string[], configVars = {}) => {
    const read = parseGoMod(mod(...lines)['go.mod'])
    return await resolveGo(requestedGo(read, configVars), read, releases)
  }

  test.each([
    ['of GOVERSION', ['go 1.24', '// +heroku goVersion go1.25'], {GOVERSION: 'go1.26'}, 'go1.26.11'],
    ['of GOVERSION without the word', [], {GOVERSION: '1.26'}, 'go1.26.11'],
    ['of Heroku’s comment', ['// +heroku goVersion go1.25', 'go 1.24'], {}, 'go1.25.14'],
    ['of the go directive: a line', ['go 1.24'], {}, 'go1.24.13'],
    ['of the go directive: a release', ['go 1.25.3'], {}, 'go1.25.3'],
    ['that the proxy does not list, though it has it', ['go 1.25.12'], {}, 'go1.25.12'],
    ['of before 1.21, whose first release has two numbers', ['go 1.20.0'], {}, 'go1.20'],
    ['of a candidate', ['go 1.27rc1'], {}, 'go1.27rc1'],
    ['of nothing: Heroku’s default', [], {}, 'go1.25.14'],
    ['that `toolchain` raises', ['go 1.24.0', 'toolchain go1.26.11'], {GOVERSION: 'go1.24.4'}, 'go1.26.11'],
    ['that the go directive raises', ['// +heroku goVersion go1.24', 'go 1.25'], {}, 'go1.25.14'],
    ['that nothing raises: before 1.21 Go did not fetch itself', ['// +heroku goVersion go1.20', 'go 1.25'], {}, 'go1.20.14'],
    ['that `toolchain` does not lower', ['go 1.26', 'toolchain go1.24.4'], {}, 'go1.26.11'],
    ['that `toolchain default` leaves', ['go 1.24', 'toolchain default'], {}, 'go1.24.13'],
  ])('%s', async (_, lines, configVars, version) => {
    expect((await versionFor(lines, configVars)).version).toBe(version)
  })

  test('that cannot be had becomes the nearest of its line, with a warning', async () => {
    expect(await versionFor(['go 1.24.9'])).toEqual({
      version: 'go1.24.13',
      warnings: ['go1.24.9 cannot be had here; the nearest of its line, go1.24.13, was used.'],
    })
    expect((await versionFor(['go 1.24.99'])).version).toBe('go1.24.13')
  })

  test.each([
    ['is there', 'go1.25.12.linux-amd64', 'exit 0', 'go1.25.12.linux-amd64\n'],
    ['is not, as most proxies say it', 'go1.25.99.linux-amd64', 'echo "reading https://x/@v/y.info: 404 Not Found" >&2; exit 1', ''],
    ['is not, as a proxy with rules says it', 'go1.25.99.linux-amd64', 'echo "reading https://x/@v/y.info: 403 Forbidden" >&2; exit 1', ''],
  ])('that %s is so answered by the client', async (_, name, client, answer) => {
    const script = [`timeout() { ${client}; }`, ...goRelease(name).run].join('; ')
    expect((await run('bash', ['-e', '-o', 'pipefail', '-c', script])).stdout).toBe(answer)
  })

  test('that nobody answers for is an error', async () => {
    const script = ['timeout() { echo "dial tcp: i/o timeout" >&2; return 1; }', ...goRelease('go1.25.12.linux-amd64').run].join('; ')
    await expect(run('bash', ['-e', '-o', 'pipefail', '-c', script])).rejects.toThrow('i/o timeout')
  })

  test('of a line that cannot be had is an error that lists what can', async () => {
    await expect(versionFor(['go 1.99'])).rejects.toThrow(
      /go1\.99 cannot be had here[\s\S]*go1\.24\.13\n {2}go1\.25\.14\n {2}go1\.26\.11\n {2}go1\.27\.4/,
    )
    await expect(versionFor([], {GOVERSION: 'newest'})).rejects.toThrow('newest')
  })

  test('without modules, or from Go’s repository, is refused', async () => {
    await expect(versionFor([], {GOVERSION: 'go1.10.4'})).rejects.toThrow('You are using go1.10.4, which does not support Go modules.')
    await expect(versionFor([], {GOVERSION: 'devel-af18bce87'})).rejects.toThrow('development version devel-af18bce87')
  })
})

describe('heroku/go', () => {
  test('builds the main packages that go finds, and writes the Procfile that is missing', async () => {
    const plan = await planOf(mod('go 1.25'))
    expect(script(plan)).toContain('mains | sed')
    expect(plan.procfile).toBe('of-image')
    const own = await planOf({...mod('go 1.25'), Procfile: 'web: bin/app'})
    expect(script(own)).not.toContain('> Procfile')
    expect(own.procfile).toBeUndefined()
  })

  test('installs what go.mod’s comment says, and GO_INSTALL_PACKAGE_SPEC before it', async () => {
    const files = mod("// +heroku install ./cmd/... ./it's", 'go 1.25')
    expect(script(await planOf(files))).toContain(`pkgs='./cmd/... ./it'\\''s'`)
    const over = await planOf(files, {GO_INSTALL_PACKAGE_SPEC: './secret-place'})
    expect(script(over)).toContain('pkgs=$GO_INSTALL_PACKAGE_SPEC')
    expect(JSON.stringify(over)).not.toContain('./secret-place')
  })

  test('uses vendor/ where go.sum says that there is something in it', async () => {
    const vendor = {'vendor/modules.txt': '# x', ...mod('go 1.25')}
    expect(script(await planOf({...vendor, 'go.sum': 'x'}))).toContain('flags+=(-mod=vendor)')
    expect(script(await planOf({...vendor, 'go.sum': ''}))).not.toContain('-mod=vendor')
  })

  test('sees the commit only where the linker or a hook may want it', async () => {
    const seen = async (files = {}, configVars = {}) =>
      (await planOf({...mod('go 1.25'), ...files}, configVars)).build[0]?.configVars.includes('SOURCE_VERSION')
    expect(await seen()).toBe(false)
    expect(await seen({}, {GO_LINKER_SYMBOL: 'main.version'})).toBe(true)
    expect(await seen({'bin/go-pre-compile': ''})).toBe(true)
    expect(await seen({'cmd/go-post-compile/main.go': ''})).toBe(true)
  })

  test('tells cgo where the app is built', async () => {
    const plan = await planOf(mod('go 1.25'), {CGO_CFLAGS: `-I\${build_dir}/include`, GOFLAGS: '-v'})
    expect(script(plan)).toContain(`export CGO_CFLAGS="\${CGO_CFLAGS//'\${build_dir}'//app}"`)
    expect(script(plan)).not.toContain('export GOFLAGS')
  })

  test('gives git the credentials of config vars without a file or a value in the plan', async () => {
    const plan = await planOf(mod('go 1.25'), {GO_GIT_CRED__HTTPS__GITHUB__COM: 'token'})
    expect(script(plan)).toContain('credential.helper')
    expect(plan.build[0]?.configVars).toContain('GO_GIT_CRED__*')
    expect(JSON.stringify(plan)).not.toContain('token')
    expect(script(await planOf(mod('go 1.25')))).not.toContain('credential.helper')
  })

  test.each([
    ['me:pass:word', 'username=me\npassword=pass:word'],
    ['token', 'username=token\npassword=token'],
  ])('whose %s git then uses, for that host alone', async (credential, told) => {
    const fill = (host: string) => `printf 'protocol=https\\nhost=${host}\\n\\n' | git credential fill | grep -v -e ^host= -e ^protocol=`
    const env = {PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: '/nowhere', GO_GIT_CRED__HTTPS__GIT__EXAMPLE__COM: credential}
    const {stdout} = await run('bash', ['-c', [...gitCredentials, fill('git.example.com')].join('; ')], {env})
    expect(stdout.trim()).toBe(told)
    await expect(run('bash', ['-c', [...gitCredentials, fill('example.com')].join('; ')], {env})).rejects.toThrow(
      'terminal prompts disabled',
    )
  })

  test('puts the toolchain or the module cache into the slug where a config var asks for it', async () => {
    const plain = await planOf(mod('go 1.25'))
    expect(plain.toolchains[0]?.install.join()).toContain(' /out/build/go')
    const tools = await planOf(mod('go 1.25'), {GO_INSTALL_TOOLS_IN_IMAGE: 'true', GO_SETUP_GOPATH_FOR_MODULE_CACHE: 'true'})
    expect(tools.toolchains[0]?.install.join()).toContain(' /out/run/go')
    expect(tools.path).toEqual(['/app/.heroku/go/bin'])
    expect(tools.files['.profile.d/goroot.sh']).toContain('GOROOT')
    expect(tools.build[0]?.env['GOPATH']).toBe('/app/.heroku/go-path')
  })

  test.each([
    ['dep', 'Gopkg.lock'],
    ['godep', 'Godeps/Godeps.json'],
    ['govendor', 'vendor/vendor.json'],
    ['glide', 'glide.yaml'],
    ['gb', 'src/app/main.go'],
    ['.godir', '.godir'],
  ])('takes an app of %s, to say in Heroku’s words that it is no longer supported', async (tool, file) => {
    await using at = await sourceOf([{path: file, text: '{}'}])
    expect(await go.detect(at.source)).toBe('Go')
    await expect(planOf({[file]: '{}'})).rejects.toThrow(`Your app appears to use '${tool}' for dependency management,`)
  })

  test('a file where the programs go is an error', async () => {
    await expect(planOf({...mod('go 1.25'), bin: ''})).rejects.toThrow('File bin exists and is not a directory.')
  })

  test('a go.mod without a version is told the default', async () => {
    expect((await planOf(mod())).warnings.slice(0, 2)).toEqual([
      'The go.mod file for this project does not specify a Go version.',
      'Defaulting to go1.25',
    ])
  })
})
