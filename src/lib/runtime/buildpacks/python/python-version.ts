import {type BuildEnv, RejectedSource} from '../buildpack.js'
import {useSuite} from './debian-suite.js'
import type {ManagerName} from './package-manager.js'
import {defaultLine, minorOf, type PythonLine, pythonLines} from './python-releases.js'
import {type RequestedVersion, versionFileInstructions} from './requested-version.js'

export interface PythonVersion {
  line: PythonLine
  /** `3.14.8` */
  version: string
  /** Another line than the app asked for. */
  substituted: boolean
  warnings: string[]
}

/**
 * The version for what was asked. A patch release that cannot be had becomes the one of its line; a line, the next newer one, or the oldest
 * or newest there is. Throws RejectedSource for what is no Python 3.
 */
export async function resolvePythonVersion(requested: RequestedVersion, manager: ManagerName, env: BuildEnv): Promise<PythonVersion> {
  const [major = 3, minor = 0] = requested.version.split('.').map(Number)
  if (major < 3) throw endOfLife(requested)
  if (major > 3 || minor > minorOf(pythonLines[0]?.line ?? '')) throw unknown(requested)
  const {line, version} = await nearest(minor, env)
  const asked = requested.version.split('.').slice(0, 2).join('.')
  const notices = fileNotice(requested, line.line, manager)
  const warnings = [
    ...notices,
    ...(line.line === asked ? patchNotice(requested, version) : [lineNotice(requested, version), '']),
    ...(env.now > new Date(line.end) ? [...endNotice(line.line), ''] : []),
  ]
  return {line, version, substituted: line.line !== asked, warnings}
}

/** Of the lines from that one on, the oldest whose version is known; else the newest below. */
async function nearest(minor: number, env: BuildEnv): Promise<{line: PythonLine; version: string}> {
  const up = pythonLines.filter(({line}) => minorOf(line) >= minor).toReversed()
  const down = pythonLines.filter(({line}) => minorOf(line) < minor)
  for (const line of [...up, ...down]) {
    const version = line.version ?? (await askedVersion(line, env))
    if (version !== undefined) return {line, version}
  }
  throw new Error('A line with a fixed version is always there.')
}

/** Undefined when that release of Debian has left the line, or nobody answers: what has a fixed version takes its place. */
async function askedVersion({line, suite}: PythonLine, {clients}: BuildEnv): Promise<string | undefined> {
  const run = [...useSuite(suite), `$cache madison python${line} | cut -d '|' -f 2`]
  const answer = await clients.ask({id: `python-${line}`, toolchain: undefined, run}).catch((error: unknown) => {
    if (error instanceof RejectedSource) return []
    throw error
  })
  const versions = answer.flatMap(text => /^\s*(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? [])
  return versions.sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2])).at(-1)
}

function lineNotice({version: asked}: RequestedVersion, version: string): string {
  return `Warning: Python ${asked} cannot be had here; the nearest, ${version}, was used.`
}

function patchNotice({version: asked}: RequestedVersion, version: string): string[] {
  const [, , patch] = asked.split('.')
  if (patch === undefined || asked === version) return []
  return [`Warning: Python ${asked} cannot be had here; the one of its line, ${version}, was used.`, '']
}

function endNotice(line: string): string[] {
  return [
    `Warning: Python ${line} has reached its upstream end-of-life, and is`,
    'therefore no longer receiving security updates:',
    'https://devguide.python.org/versions/#supported-versions',
  ]
}

/** Heroku's words on where a version should be named; an error with uv. */
function fileNotice({origin}: RequestedVersion, line: string, manager: ManagerName): string[] {
  if (origin === '.python-version' || origin === 'Pipfile.lock') return []
  if (manager === 'uv') throw origin === 'runtime.txt' ? noRuntimeWithUv(line) : noVersionWithUv(line)
  if (origin === 'runtime.txt')
    return [
      'Warning: The runtime.txt file is deprecated.',
      '',
      'The runtime.txt file is deprecated since it has been replaced',
      'by the more widely supported .python-version file:',
      'https://devcenter.heroku.com/changelog-items/3141',
      '',
      'Please switch to using a .python-version file instead.',
      '',
      ...versionFileInstructions(origin, line),
      '',
    ]
  return [
    'Warning: No Python version was specified.',
    '',
    "Your app doesn't specify a Python version and so the buildpack",
    'picked a default version for you.',
    '',
    "Relying on this default version isn't recommended, since it",
    'can change over time and may not be consistent with your local',
    'development environment, CI or other instances of your app.',
    '',
    'Please configure an explicit Python version for your app.',
    '',
    ...versionFileInstructions(origin, line),
    '',
  ]
}

function noVersionWithUv(line: string): RejectedSource {
  return new RejectedSource([
    'Error: No Python version was specified.',
    '',
    'When using the package manager uv on Heroku, you must specify',
    "your app's Python version with a .python-version file.",
    '',
    'To add a .python-version file:',
    '',
    '1. Make sure you are in the root directory of your app',
    '   and not a subdirectory.',
    `2. Run 'uv python pin ${line}'`,
    "   (adjust to match your app's major Python version).",
    '3. Commit the changes to your Git repository using',
    "   'git add --all' and then 'git commit'.",
  ])
}

function noRuntimeWithUv(line: string): RejectedSource {
  return new RejectedSource([
    "Error: The runtime.txt file isn't supported when using uv.",
    '',
    'When using the package manager uv on Heroku, you must specify',
    "your app's Python version with a .python-version file and not",
    'a runtime.txt file.',
    '',
    'To switch to a .python-version file:',
    '',
    '1. Make sure you are in the root directory of your app',
    '   and not a subdirectory.',
    '2. Delete your runtime.txt file.',
    `3. Run 'uv python pin ${line}'`,
    "   (adjust to match your app's major Python version).",
    '4. Commit the changes to your Git repository using',
    "   'git add --all' and then 'git commit'.",
  ])
}

function endOfLife({version, origin}: RequestedVersion): RejectedSource {
  const line = version.split('.').slice(0, 2).join('.')
  return new RejectedSource([
    'Error: The requested Python version has reached end-of-life.',
    '',
    `Python ${line} has reached its upstream end-of-life, and is`,
    'therefore no longer receiving security updates:',
    'https://devguide.python.org/versions/#supported-versions',
    '',
    `Please change the version in your ${origin} file. ${available()}`,
    '',
    `If possible, we recommend upgrading all the way to Python ${defaultLine},`,
    'since it contains many performance and usability improvements.',
  ])
}

function unknown({version, origin}: RequestedVersion): RejectedSource {
  const line = version.split('.').slice(0, 2).join('.')
  return new RejectedSource([
    "Error: The requested Python version isn't recognised.",
    '',
    `The requested Python version ${line} isn't recognised.`,
    '',
    'Check that this Python version has been officially released:',
    'https://devguide.python.org/versions/#supported-versions',
    '',
    `Please change the version in your ${origin} file. ${available()}`,
  ])
}

function available(): string {
  return `Here can be had: ${pythonLines.map(({line}) => line).join(', ')}`
}
