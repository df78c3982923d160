import {RejectedSource, type Source} from '../buildpack.js'
import type {ManagerName} from './package-manager.js'
import {defaultLine} from './python-releases.js'

/** What an app asks for: `3.13` or `3.13.2`, and where it says so. */
export interface RequestedVersion {
  version: string
  origin: 'runtime.txt' | '.python-version' | 'Pipfile.lock' | 'default'
}

const number = '(?:0|[1-9][0-9]*)'
const versionForm = new RegExp(`^${number}\\.${number}(?:\\.${number})?$`)

/** Seen in the wild, says heroku/python. */
const misspellings = [
  ...[' .python-version', '. python-version', '.python_version.txt', '.python_version', '.python-version ', ',python-version'],
  ...['.python-version.', '.python-version.py', '.python-version.rtf', '.python-version.txt', '.python-version.TXT', '.Python-version'],
  ...['.python.version', '.pythonversion', "'.python-version'", 'python_version.txt', 'python_version', 'python-version.'],
  ...['python-version.txt', 'python-version'],
]

/** runtime.txt, .python-version, Pipfile.lock, Heroku's default, in this order. Throws RejectedSource with Heroku's words. */
export async function requestedVersion(source: Source, manager: ManagerName): Promise<RequestedVersion> {
  const runtime = await source.text('runtime.txt')
  if (runtime !== undefined) return {version: parseRuntime(runtime), origin: 'runtime.txt'}
  const wrong = misspellings.find(name => source.has(name))
  if (wrong !== undefined) throw misspelled(wrong)
  const file = await source.text('.python-version')
  if (file !== undefined) return {version: parseVersionFile(file), origin: '.python-version'}
  const locked = manager === 'pipenv' ? parsePipfileLock((await source.text('Pipfile.lock')) ?? '') : undefined
  return locked === undefined ? {version: defaultLine, origin: 'default'} : {version: locked, origin: 'Pipfile.lock'}
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

function parseRuntime(text: string): string {
  const version = /^python-(.*)$/.exec(linesOf(text).join('\n'))?.[1] ?? ''
  if (versionForm.test(version)) return version
  throw new RejectedSource([
    'Error: Invalid Python version in runtime.txt.',
    '',
    "The Python version specified in your runtime.txt file isn't",
    'in the correct format.',
    '',
    'However, the runtime.txt file is deprecated since it has been',
    'replaced by the more widely supported .python-version file:',
    'https://devcenter.heroku.com/changelog-items/3141',
    '',
    'As such, we recommend that you switch to using .python-version',
    'instead of fixing your runtime.txt file.',
    '',
    ...versionFileInstructions('runtime.txt', defaultLine),
  ])
}

function parseVersionFile(text: string): string {
  if (/^\uFEFF|\uFFFD|\0/.test(text)) throw unreadable()
  const versions = linesOf(text)
  const wrong = versions.find(version => !versionForm.test(version))
  if (wrong !== undefined) throw invalidVersionFile(wrong)
  const [version, ...more] = versions
  if (version === undefined) throw emptyVersionFile()
  if (more.length > 0) throw severalVersions(versions)
  return version
}

function parsePipfileLock(text: string): string | undefined {
  let lock: {_meta?: {requires?: {python_full_version?: unknown; python_version?: unknown}}} | null
  try {
    lock = JSON.parse(text)
  } catch (error) {
    throw new RejectedSource([
      "Error: Can't parse Pipfile.lock.",
      '',
      "A Pipfile.lock file was found, however, it couldn't be parsed:",
      (error as Error).message,
      '',
      'This is likely due to it not being valid JSON.',
      '',
      "Run 'pipenv lock' to regenerate/fix the lockfile.",
    ])
  }
  const requires = lock?._meta?.requires
  const version = requires?.python_full_version ?? requires?.python_version
  if (version === undefined || version === null) return undefined
  if (typeof version === 'string' && versionForm.test(version)) return version
  throw invalidPipfileLock(typeof version === 'string' ? version : JSON.stringify(version))
}

function misspelled(name: string): RejectedSource {
  return new RejectedSource([
    'Error: Your .python-version file is spelled incorrectly.',
    '',
    "Your app's .python-version file currently has the filename:",
    `'${name}'`,
    '',
    'However, the correct spelling is (without quotes):',
    "'.python-version'",
    '',
    'You must rename your file to the correct name.',
  ])
}

const forms = [
  'However, the Python version must be specified as either:',
  `1. The major version only, for example: ${defaultLine} (recommended)`,
  `2. An exact patch version, for example: ${defaultLine}.999`,
  '',
]

const unpinned = [
  "We strongly recommend that you don't specify the Python patch",
  'version number, since it will pin your app to an exact Python',
  'version and so stop your app from receiving security updates',
  'each time it builds.',
]

const example = [
  `For example, to request the latest version of Python ${defaultLine},`,
  'update your .python-version file so it contains exactly:',
  defaultLine,
]

function invalidVersionFile(found: string): RejectedSource {
  return new RejectedSource([
    'Error: Invalid Python version in .python-version.',
    '',
    'The Python version specified in your .python-version file',
    "isn't in the correct format.",
    '',
    'The following version was found:',
    found.replace(/[^\x20-\x7E\t]/g, '\uFFFD'),
    '',
    ...forms,
    "Don't include quotes, a 'python-' prefix or wildcards. Any",
    "code comments must be on a separate line prefixed with '#'.",
    '',
    ...example,
    '',
    ...unpinned,
  ])
}

function unreadable(): RejectedSource {
  return new RejectedSource([
    'Error: Unable to read .python-version.',
    '',
    "Your .python-version file couldn't be read because it's using",
    'an unsupported text encoding.',
    '',
    'Configure your editor to save files as UTF-8, without a BOM,',
    'then delete and recreate the file using the correct encoding.',
    '',
    'Note: On Windows, if you pipe or redirect output to a file',
    'it can result in the file being encoded in UTF-16 LE when',
    'using certain terminals and Windows settings. We recommend',
    'you create the file using a text editor instead.',
  ])
}

function emptyVersionFile(): RejectedSource {
  return new RejectedSource([
    'Error: No Python version found in .python-version.',
    '',
    'No Python version was found in your .python-version file.',
    '',
    "Update the file so that it contains your app's major Python",
    "version number. Don't include quotes or a 'python-' prefix.",
    '',
    ...example,
    '',
    "If the file already contains a version, check the line doesn't",
    "begin with a '#', otherwise it will be treated as a comment.",
  ])
}

function severalVersions(found: string[]): RejectedSource {
  return new RejectedSource([
    'Error: Multiple Python versions found in .python-version.',
    '',
    'Multiple versions were found in your .python-version file:',
    '',
    ...found,
    '',
    'Update the file so it contains only one Python version.',
    '',
    ...example,
  ])
}

function invalidPipfileLock(found: string): RejectedSource {
  return new RejectedSource([
    'Error: Invalid Python version in Pipfile.lock.',
    '',
    'The Python version specified in your Pipfile.lock file by the',
    "'python_version' or 'python_full_version' fields isn't valid.",
    '',
    'The following version was found:',
    found,
    '',
    ...forms,
    "Wildcards aren't supported.",
    '',
    'Please update your Pipfile to use a valid Python version and',
    "then run 'pipenv lock' to regenerate Pipfile.lock.",
    '',
    ...unpinned,
  ])
}

/** How to name a version, for the errors and warnings about not having done so. */
export function versionFileInstructions(origin: RequestedVersion['origin'], line: string): string[] {
  return [
    ...(origin === 'runtime.txt'
      ? ['Delete your runtime.txt file and create a new file in the', 'root directory of your app named:']
      : ['Create a new file in the root directory of your app named:']),
    '.python-version',
    '',
    "Make sure to include the '.' character at the start of the",
    "filename. Don't add a file extension such as '.txt'.",
    '',
    "In the new file, specify your app's major Python version number",
    "only. Don't include quotes or a 'python-' prefix.",
    '',
    `For example, to request the latest version of Python ${line},`,
    'update your .python-version file so it contains exactly:',
    line,
    '',
    ...unpinned,
  ]
}
