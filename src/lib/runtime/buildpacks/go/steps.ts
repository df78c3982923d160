import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep} from '../buildpack.js'
import {quoted} from '../shell.js'
import {gitCredentials} from './credentials.js'
import type {GoMod} from './go-mod.js'
import {installedLibrary} from './toolchain.js'

export interface GoApp {
  mod: GoMod
  configVars: ConfigVars
  /** `vendor/` is there and go.sum is not empty. */
  vendored: boolean
  procfile: 'of-source' | 'none'
  /** `bin/go-pre-compile` or `bin/go-post-compile`, there or to be built. */
  hooks: boolean
}

const cacheRoot = '/tmp/build-cache/go'

/** heroku/go's own list, and what the go command knows beside it for private modules and cgo. Its hooks see no others. */
const exported = [
  ...['CGO_CFLAGS', 'CGO_CPPFLAGS', 'CGO_CXXFLAGS', 'CGO_LDFLAGS', 'CGO_ENABLED', 'GO_LINKER_SYMBOL', 'GO_LINKER_VALUE'],
  ...['GOFLAGS', 'GOPROXY', 'GOPRIVATE', 'GONOPROXY', 'GONOSUMDB', 'GOSUMDB', 'GOINSECURE', 'GOVERSION'],
  ...['GO_INSTALL_PACKAGE_SPEC', 'GO_INSTALL_TOOLS_IN_IMAGE', 'GO_SETUP_GOPATH_FOR_MODULE_CACHE', 'GO_TEST_SKIP_BENCHMARK'],
]

/**
 * Heroku's sequence, from the packages to the Procfile. One step with its own headings: what is built and what is started is the go
 * command's to say. Modules and compiled packages are in a cache, so a change of code compiles what changed and links.
 */
export function goStep(app: GoApp): BuildStep {
  const {configVars, hooks, procfile} = app
  const inSlug = configVars['GO_SETUP_GOPATH_FOR_MODULE_CACHE'] === 'true'
  return {
    name: 'install',
    heading: 'Running: go install',
    introduction: [],
    output: 'verbatim',
    run: [...prepared(app), ...packages(app), ...install, ...(procfile === 'none' ? writeProcfile : [])],
    env: {
      GOBIN: '/app/bin',
      GOPATH: inSlug ? '/app/.heroku/go-path' : `${cacheRoot}/path`,
      GOCACHE: `${cacheRoot}/build`,
      GODEBUG: installedLibrary,
      // Go's telemetry would be files in the slug.
      XDG_CONFIG_HOME: '/tmp/build-config',
    },
    // The app's own: what is unpacked there is not checked against go.sum again.
    caches: [{id: 'hokku-go', target: cacheRoot}],
    configVars: [...exported, 'GO_GIT_CRED__*', ...(hooks || configVars['GO_LINKER_SYMBOL'] ? ['SOURCE_VERSION'] : [])],
  }
}

function prepared({configVars, vendored}: GoApp): string[] {
  const names = Object.keys(configVars)
  // In an order of our own: that of the config vars is an accident, and another order would be another step.
  const placed = exported.filter(name => configVars[name]?.includes(buildDir))
  const template = '{{if eq .Name "main"}}{{.ImportPath}} {{.Target}}{{end}}'
  return [
    'indent() { sed -u "s/^/       /"; }',
    `notice() { echo; printf ' !     %s\\n' "$@" | sed 's/ *$//'; echo; }`,
    'mkdir -p bin',
    'touch /tmp/build-began',
    ...placed.map(name => `export ${name}="\${${name}//'${buildDir}'//app}"`),
    ...(names.some(name => name.startsWith('GO_GIT_CRED__')) ? gitCredentials : []),
    'flags=(-tags heroku)',
    ...(configVars['GO_LINKER_SYMBOL'] ? [linked] : []),
    ...(vendored ? ['flags+=(-mod=vendor)'] : []),
    `mains() { go list -find "\${flags[@]}" -f '${template}' ./... 2> >(indent >&2); }`,
  ]
}

/** Heroku's buildpack fills in where the app is built. */
const buildDir = `\${build_dir}`

const linked = `value=\${GO_LINKER_VALUE:-$SOURCE_VERSION}; if [ -n "$value" ]; then flags+=(-ldflags "-X $GO_LINKER_SYMBOL=$value"); fi`

function packages({mod, configVars}: GoApp): string[] {
  const determining = `echo '-----> Determining packages to install'`
  if (configVars['GO_INSTALL_PACKAGE_SPEC']) return [determining, 'pkgs=$GO_INSTALL_PACKAGE_SPEC', override]
  if (mod.install.length > 0) return [determining, `pkgs=${quoted(mod.install.join(' '))}`]
  const none = [
    notice([`No main packages found in module ${mod.module}`, '', `Unsure what package(s) to install, defaulting to '.'`]),
    notice([
      `Installing package '.' (default)`,
      '',
      'To install a different package spec add a comment in the',
      'following form to your go.mod file:',
      '// +heroku install ./cmd/...',
    ]),
    'pkgs=.',
  ].join('; ')
  const some = `echo '-----> Detected the following main packages to install:'; printf '%s\\n' $pkgs | indent`
  return [determining, 'found=$(mains)', `pkgs=$(echo "$found" | cut -d ' ' -f 1)`, `if [ -z "$pkgs" ]; then ${none}; else ${some}; fi`]
}

const override = [
  `notice 'Using $GO_INSTALL_PACKAGE_SPEC override.' "\\$GO_INSTALL_PACKAGE_SPEC = $GO_INSTALL_PACKAGE_SPEC" ''`,
  `"If this isn't what you want please run:" 'hokku config:unset GO_INSTALL_PACKAGE_SPEC -a <app>'`,
].join(' ')

const install = [
  hook('pre'),
  `echo "-----> Running: go install -v \${flags[*]}" $pkgs`,
  `go install -v "\${flags[@]}" $pkgs 2>&1 | indent`,
  hook('post'),
  `echo '-----> Installed the following binaries:'`,
  `find bin -maxdepth 1 -type f -newer /tmp/build-began -printf './bin/%f\\n' | sort | indent`,
]

function hook(when: 'pre' | 'post'): string {
  const name = `bin/go-${when}-compile`
  return `if [ -f ${name} ]; then echo '-----> Running ${name} hook'; chmod a+x ${name}; ${name} 2>&1 | indent; fi`
}

/** One main package is web; several are process types of their own names. A hook may have written one by now. */
const writeProcfile = [
  `names=$(mains | sed 's/.*\\///')`,
  `types() { if [ "$(echo "$1" | wc -l)" = 1 ]; then echo "web: bin/$1"; else echo "$1" | sed 's/.*/&: bin\\/&/'; fi; }`,
  [
    `if [ ! -f Procfile ] && [ -n "$names" ]; then types "$names" > Procfile`,
    `echo '-----> Created a Procfile with the following entries:'`,
    'indent < Procfile',
    notice([
      'If these entries look incomplete or incorrect please create a',
      'Procfile with the required entries.',
      'See https://devcenter.heroku.com/articles/procfile for more details about Procfiles',
    ]),
    'fi',
  ].join('; '),
]

function notice(lines: string[]): string {
  return `notice ${lines.map(quoted).join(' ')}`
}
