import type {ConfigVars} from '../../../schema/resources.js'
import {aliasesOf} from '../aliases.js'
import {type BuildEnv, type BuildPlan, type Buildpack, RejectedSource, type Source} from '../buildpack.js'
import {rootNames} from '../root-names.js'
import {type GoMod, parseGoMod} from './go-mod.js'
import {defaultGo, releasesFor, requestedGo, resolveGo} from './go-version.js'
import {legacyTool, noLegacy} from './legacy.js'
import {goStep} from './steps.js'
import {goInImage, goRoot, goToolchain} from './toolchain.js'

/** heroku/go, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const go: Buildpack = {
  name: 'heroku/go',
  aliases: aliasesOf('heroku/go', 'heroku-buildpack-go'),
  async detect(source) {
    return source.has('go.mod') || legacyTool(source) !== undefined ? 'Go' : undefined
  },
  async rejection(source) {
    return [
      'Error: Your app is configured to use the Go buildpack,',
      "but we couldn't find a go.mod file.",
      '',
      "A Go app on Heroku must have a 'go.mod' file in the root",
      'directory of its source code.',
      '',
      'Currently the root directory of your app contains:',
      '',
      ...rootNames(source),
      '',
      'If your app already has a go.mod file, check that it:',
      '',
      '1. Is in the top level directory (not a subdirectory).',
      '2. Has the correct spelling (the filenames are case-sensitive).',
      "3. Isn't listed in '.gitignore' or '.slugignore'.",
      "4. Has been added to Git using 'git add go.mod' and committed.",
      '',
      "To create a go.mod file, run 'go mod init <module-name>' in your",
      'project directory.',
    ]
  },
  compile,
  async release() {
    return {defaultProcessTypes: {}}
  },
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const {configVars} = env
  const text = await source.text('go.mod')
  if (text === undefined) throw new RejectedSource(noLegacy(legacyTool(source) ?? 'GOPATH'))
  if (source.has('bin')) throw new RejectedSource(['Error: File bin exists and is not a directory.'])
  const mod = parseGoMod(text)
  const {version, warnings} = await resolveGo(requestedGo(mod, configVars), mod, await releasesFor(env))
  const inImage = configVars['GO_INSTALL_TOOLS_IN_IMAGE'] === 'true'
  const written = source.has('Procfile') ? 'of-source' : 'none'
  const hooks = source.paths.some(path => /(^|\/)go-(pre|post)-compile(\/|$)/.test(path))
  const vendored = source.hasFolder('vendor') && ((await source.text('go.sum')) ?? '') !== ''
  return {
    buildpack: 'heroku/go',
    language: 'Go',
    toolchains: [goToolchain(version, inImage ? 'image' : 'build')],
    path: [`${inImage ? goInImage : goRoot}/bin`],
    env: {},
    decisions: decisions(mod, configVars, version),
    dependencies: undefined,
    build: [goStep({mod, configVars, vendored, hooks, procfile: written})],
    closing: [],
    files: {'.profile.d/go.sh': 'PATH=$PATH:$HOME/bin\n', ...(inImage ? {'.profile.d/goroot.sh': goRootProfile} : {})},
    ...(written === 'none' ? {procfile: 'of-image'} : {}),
    warnings: [...overrides(mod, configVars), ...warnings],
  }
}

const goRootProfile = `export GOROOT=$HOME/.heroku/go
PATH=$PATH:$GOROOT/bin
`

function decisions(mod: GoMod, configVars: ConfigVars, version: string): BuildPlan['decisions'] {
  const inImage = configVars['GO_INSTALL_TOOLS_IN_IMAGE'] === 'true'
  return [
    {heading: 'Detected go modules via go.mod', lines: []},
    {heading: `Detected Module Name: ${mod.module}`, lines: []},
    {heading: `Using ${version}`, lines: []},
    ...(inImage ? [{heading: 'Copying go tool chain to $GOROOT=$HOME/.heroku/go', lines: []}] : []),
  ]
}

function overrides(mod: GoMod, {GOVERSION}: ConfigVars): string[] {
  if (GOVERSION)
    return [
      'Using $GOVERSION override.',
      `$GOVERSION = ${GOVERSION}`,
      "If this isn't what you want please run:",
      'hokku config:unset GOVERSION -a <app>',
    ]
  if (mod.herokuVersion !== undefined || mod.go !== undefined) return []
  return [
    'The go.mod file for this project does not specify a Go version.',
    `Defaulting to ${defaultGo}`,
    'For more details see:',
    'https://devcenter.heroku.com/articles/go-apps-with-modules#build-configuration',
  ]
}
