import {aliasesOf} from '../aliases.js'
import type {BuildEnv, BuildPlan, Buildpack, BuildStep, Dependencies, Source} from '../buildpack.js'
import {addonsFor} from './addons.js'
import {checkSource} from './checks.js'
import {staticFiles} from './collectstatic.js'
import {hookStep} from './hooks.js'
import {layoutOf} from './layout.js'
import {choosePackageManager, type ManagerName, whatIsMissing} from './package-manager.js'
import {profileScripts} from './profile.js'
import {managerVersion, setuptoolsVersion} from './python-releases.js'
import {type PythonVersion, resolvePythonVersion} from './python-version.js'
import {type RequestedVersion, requestedVersion} from './requested-version.js'
import {installStep, managerEnv, projectStep, type StepContext} from './steps.js'
import {locales, managerHome, managerToolchain, pythonHome, pythonLibraries, pythonToolchain} from './toolchain.js'

/** heroku/python, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const python: Buildpack = {
  name: 'heroku/python',
  aliases: aliasesOf('heroku/python', 'heroku-buildpack-python'),
  async detect(source) {
    return known.some(name => source.has(name) || source.hasFolder(name)) ? 'Python' : undefined
  },
  async rejection(source) {
    return [
      'Error: Your app is configured to use the Python buildpack,',
      "but we couldn't find any supported Python project files.",
      '',
      ...whatIsMissing(source),
    ]
  },
  compile,
  async release(source) {
    return {defaultProcessTypes: {}, addons: await addonsFor(source)}
  },
}

/** Heroku's list: more than what can be built, so that an app that lacks a file gets a message that helps. */
const known = [
  ...['.python-version', '__init__.py', 'app.py', 'main.py', 'manage.py', 'pdm.lock', 'Pipfile', 'Pipfile.lock', 'poetry.lock'],
  ...['pyproject.toml', 'requirements.txt', 'runtime.txt', 'server.py', 'setup.cfg', 'setup.py', 'uv.lock'],
  ...['requeriments.txt', 'requirement.txt', 'requirements', 'requirements.text', 'Requirements.txt', 'requirements.txt.txt'],
  ...['requirments.txt', '__pycache__', '.venv', 'venv'],
]

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const manager = choosePackageManager(source)
  checkSource(source)
  const requested = await requestedVersion(source, manager)
  const version = await resolvePythonVersion(requested, manager, env)
  const layout = await layoutOf(source, manager)
  const statics = staticFiles(source, layout, env.configVars)
  const corpora = source.has('nltk.txt')
  const {line} = version.line
  return {
    buildpack: 'heroku/python',
    language: 'Python',
    toolchains: [pythonToolchain(version.line, version.version), ...(manager === 'pip' ? [] : [managerToolchain(manager, line)])],
    path: [`${pythonHome}/bin`, ...(manager === 'pip' ? [] : [`${managerHome(manager)}/bin`])],
    env: {LANG: 'en_US.UTF-8', LOCPATH: locales, PYTHONUNBUFFERED: '1', LD_LIBRARY_PATH: pythonLibraries, ...managerEnv(manager)},
    decisions: decisions(requested, version, manager),
    ...arranged(source, {manager, layout, corpora, substituted: version.substituted}, statics.steps),
    closing: statics.skipped,
    files: profileScripts(manager, corpora),
    warnings: [...version.warnings, ...statics.warnings],
  }
}

/** Dependencies are a layer of their own unless their install needs the source; then Heroku's sequence runs over all of it. */
function arranged(
  source: Source,
  context: StepContext,
  collect: BuildStep[],
): {dependencies: Dependencies | undefined; build: BuildStep[]} {
  const {files, project} = context.layout
  const install = installStep(context)
  const after = [...collect, ...hookStep(source, 'post_compile')]
  if (files === undefined) return {dependencies: undefined, build: [...hookStep(source, 'pre_compile'), install, ...after]}
  return {
    dependencies: {files, folders: ['.heroku/python'], install, prune: undefined},
    build: [...(project ? [projectStep(context)] : []), ...after],
  }
}

function decisions(requested: RequestedVersion, {version, line}: PythonVersion, manager: ManagerName): BuildPlan['decisions'] {
  const of = {pip: 'pip', pipenv: 'Pipenv', poetry: 'Poetry', uv: 'uv'}[manager]
  const setuptools = manager === 'pip' ? setuptoolsVersion(line.line) : undefined
  const managed = managerVersion(manager, line.line)
  const headings = [
    requested.origin === 'default'
      ? `No Python version was specified. Using the buildpack default: Python ${requested.version}`
      : `Using Python ${requested.version} specified in ${requested.origin}`,
    `Installing Python ${version}`,
    `Installing ${of}${managed === undefined ? '' : ` ${managed}`}${setuptools === undefined ? '' : ` and setuptools ${setuptools}`}`,
  ]
  return headings.map(heading => ({heading, lines: []}))
}
