import type {BuildStep, Cache} from '../buildpack.js'
import {errorLines, explained, heading} from '../shell.js'
import {installCommand} from './commands.js'
import type {Layout} from './layout.js'
import type {ManagerName} from './package-manager.js'
import {buildFiles, interpreterHome, pythonHome} from './toolchain.js'

export interface StepContext {
  manager: ManagerName
  layout: Layout
  /** Another line of Python than the app asked for. */
  substituted: boolean
  /** `nltk.txt` is there. */
  corpora: boolean
}

const cacheRoot = '/tmp/build-cache'
const names: Record<ManagerName, string> = {pip: 'pip', pipenv: 'Pipenv', poetry: 'Poetry', uv: 'uv'}

/** What is downloaded and what is built from it: an app's own, since nobody checks a wheel again that was built once. */
function caches(manager: ManagerName): Cache[] {
  return [{id: `hokku-${manager}`, target: `${cacheRoot}/${manager}`}]
}

/** Where managers keep what they download and where they install, and how they leave questions of their own out. */
export function managerEnv(manager: ManagerName): Record<string, string> {
  const own: Record<ManagerName, Record<string, string>> = {
    pip: {PIP_DISABLE_PIP_VERSION_CHECK: '1'},
    pipenv: {PIPENV_CACHE_DIR: `${cacheRoot}/pipenv`, PIPENV_SYSTEM: '1', PIPENV_VERBOSITY: '-1', VIRTUAL_ENV: pythonHome},
    poetry: {POETRY_CACHE_DIR: `${cacheRoot}/poetry`, POETRY_VIRTUALENVS_CREATE: 'false', VIRTUAL_ENV: pythonHome},
    uv: {
      UV_CACHE_DIR: `${cacheRoot}/uv`,
      UV_LINK_MODE: 'copy',
      UV_NO_MANAGED_PYTHON: '1',
      UV_PROJECT_ENVIRONMENT: pythonHome,
      UV_PYTHON: `${pythonHome}/bin/python`,
      UV_PYTHON_DOWNLOADS: 'never',
    },
  }
  return {...own[manager], PIP_CACHE_DIR: `${cacheRoot}/${manager === 'pipenv' ? 'pipenv' : 'pip'}`}
}

/** Makes the environment and installs into it. */
export function installStep(context: StepContext): BuildStep {
  const {manager, layout, corpora, substituted} = context
  const command = installCommand(manager, layout.files === undefined || !layout.project ? 'whole' : 'dependencies', substituted)
  const environment =
    manager === 'pip' ? `cp -a ${buildFiles}/venv ${pythonHome}` : `${interpreterHome}/bin/python -m venv --without-pip ${pythonHome}`
  return {
    name: 'install',
    heading: `Installing dependencies using '${command.shown}'`,
    introduction: [],
    run: [`mkdir -p /app/.heroku && ${environment}`, ...installing(context, command), ...(corpora ? downloadCorpora : [])],
    env: manager === 'pipenv' ? {PIPENV_NOSPIN: '1', PIP_SRC: `${pythonHome}/src`} : {},
    caches: caches(manager),
    configVars: layout.vars,
    output: 'verbatim',
  }
}

/** The source's own packages, upon what `installStep` made without it. */
export function projectStep(context: StepContext): BuildStep {
  const command = installCommand(context.manager, 'project', context.substituted)
  return {
    name: 'project',
    heading: `Installing the project using '${command.shown}'`,
    introduction: [],
    run: installing(context, command, 'Installing the project'),
    env: {},
    caches: caches(context.manager),
    configVars: ['*'],
    output: 'verbatim',
  }
}

function installing({manager}: StepContext, {shown, run}: {shown: string; run: string}, what = 'Installing dependencies'): string[] {
  const failed = [`Error: Unable to install dependencies using ${names[manager]}.`, '', 'See the log output above for more information.']
  const edits: Partial<Record<ManagerName, string>> = {
    pip: 's# in (/app|\\.)/\\.heroku/python/lib/python[0-9.]+/site-packages##',
    poetry: '/Skipping virtualenv creation/d',
  }
  const edit = edits[manager]
  const log = '/tmp/install.log'
  return [heading(`${what} using '${shown}'`), explained(run, failed, {log, advice: advice(log), ...(edit === undefined ? {} : {edit})})]
}

/** Failures that have a cause worth telling. */
function advice(log: string): string[] {
  const told: [string, string[]][] = [
    [
      'Could not find gdal-config',
      [
        "Error: Package installation failed since the GDAL library wasn't found.",
        '',
        'For GDAL, GEOS and PROJ support, use the Geo buildpack alongside the Python buildpack:',
        'https://github.com/heroku/heroku-geo-buildpack',
      ],
    ],
    [
      'Please use pip<24.1 if you need to use this version',
      [
        'Error: One of your dependencies contains broken metadata.',
        '',
        'Newer versions of pip reject packages that use invalid versions',
        'in their metadata (such as Celery older than v5.2.1).',
        '',
        'Try upgrading to a newer version of the affected package.',
        '',
        'For more help, see:',
        'https://devcenter.heroku.com/changelog-items/3073',
      ],
    ],
  ]
  return told.map(([symptom, lines]) => `if grep -qi '${symptom}' ${log}; then ${errorLines(lines)}; fi`)
}

/** Whether a module can be imported, without importing it. */
export function hasModule(name: string): string {
  return `python -c 'import sys, importlib.util; sys.exit(importlib.util.find_spec("${name}") is None)'`
}

const downloadCorpora = [
  [
    `if ${hasModule('nltk')}; then ${heading('Downloading NLTK corpora...')}`,
    'echo "-----> Downloading NLTK packages: $(tr "\\n" " " < nltk.txt)"',
    explained(`python -m nltk.downloader -d ${pythonHome}/nltk_data $(cat nltk.txt)`, [
      'Error: Unable to download NLTK data.',
      '',
      "The 'python -m nltk.downloader' command to download NLTK",
      "data didn't exit successfully.",
      '',
      'See the log output above for more information.',
    ]),
    'fi',
  ].join('; '),
]
