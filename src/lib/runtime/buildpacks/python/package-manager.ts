import {RejectedSource, type Source} from '../buildpack.js'
import {rootNames} from '../root-names.js'

export type ManagerName = 'pip' | 'pipenv' | 'poetry' | 'uv'

const files: Record<ManagerName, {file: string; shown: string}> = {
  pipenv: {file: 'Pipfile.lock', shown: 'Pipfile.lock (Pipenv)'},
  pip: {file: 'requirements.txt', shown: 'requirements.txt (pip)'},
  poetry: {file: 'poetry.lock', shown: 'poetry.lock (Poetry)'},
  uv: {file: 'uv.lock', shown: 'uv.lock (uv)'},
}

/**
 * The one package manager whose file is there; none or several are Heroku's errors. An app with a `bin/pre_compile` may write its
 * requirements.txt in there.
 */
export function choosePackageManager(source: Source): ManagerName {
  if (source.has('Pipfile') && !source.has('Pipfile.lock')) throw noPipfileLock()
  const found = (Object.keys(files) as ManagerName[]).filter(name => source.has(files[name].file))
  if (found.length > 1) throw several(found.map(name => files[name].shown))
  const [only] = found
  if (only !== undefined) return only
  if (source.has('bin/pre_compile')) return 'pip'
  throw source.has('setup.py') ? setupOnly() : none(source)
}

const suggestUv = [
  "If you aren't sure which package manager to use, we recommend",
  'trying uv, since it supports lockfiles, is extremely fast, and',
  'is actively maintained by a full-time team:',
  'https://docs.astral.sh/uv/',
]

/** What Heroku tells an app without a package manager's file, below the first words. */
export function whatIsMissing(source: Source): string[] {
  return [
    "A Python app on Heroku must have either a 'requirements.txt',",
    "'Pipfile.lock', 'poetry.lock' or 'uv.lock' package manager file",
    'in the root directory of its source code.',
    '',
    'Currently the root directory of your app contains:',
    '',
    ...rootNames(source),
    '',
    'If your app already has a package manager file, check that it:',
    '',
    '1. Is in the top level directory (not a subdirectory).',
    '2. Has the correct spelling (the filenames are case-sensitive).',
    "3. Isn't listed in '.gitignore' or '.slugignore'.",
    "4. Has been added to the Git repository using 'git add --all'",
    "   and then committed using 'git commit'.",
    '',
    'Otherwise, add a package manager file to your app. If your app has',
    "no dependencies, then create an empty 'requirements.txt' file.",
    '',
    ...suggestUv,
    '',
    'For help with using Python on Heroku, see:',
    'https://devcenter.heroku.com/articles/getting-started-with-python',
    'https://devcenter.heroku.com/articles/python-support',
  ]
}

function none(source: Source): RejectedSource {
  return new RejectedSource(["Error: Couldn't find any supported Python package manager files.", '', ...whatIsMissing(source)])
}

function several(shown: string[]): RejectedSource {
  return new RejectedSource([
    'Error: Multiple Python package manager files were found.',
    '',
    "Exactly one package manager file should be present in your app's",
    'source code, however, several were found:',
    '',
    ...shown,
    '',
    'You must decide which package manager you want to use with your',
    'app, and then delete the file(s) and any config from the others.',
    '',
    ...suggestUv,
    '',
    'Note: If you use a third-party uv or Poetry buildpack, you must',
    "remove it from your app, since it's no longer required and the",
    'requirements.txt file it generates will trigger this error. See:',
    'https://devcenter.heroku.com/articles/managing-buildpacks#remove-classic-buildpacks',
  ])
}

function noPipfileLock(): RejectedSource {
  return new RejectedSource([
    "Error: No 'Pipfile.lock' found!",
    '',
    "A 'Pipfile' file was found, however, the associated 'Pipfile.lock'",
    "Pipenv lockfile wasn't. This means your app dependency versions",
    "aren't pinned, which means the package versions used on Heroku",
    'might not match those installed in other environments.',
    '',
    'Using Pipenv in this way is unsafe and no longer supported.',
    '',
    "Run 'pipenv lock' locally to generate the lockfile, and make sure",
    "that 'Pipfile.lock' isn't listed in '.gitignore' or '.slugignore'.",
    '',
    'Alternatively, if you wish to switch to another package manager,',
    "delete your 'Pipfile' and then add either a 'requirements.txt',",
    "'poetry.lock' or 'uv.lock' file.",
    '',
    ...suggestUv,
  ])
}

function setupOnly(): RejectedSource {
  return new RejectedSource([
    'Error: Implicit setup.py file support has been sunset.',
    '',
    'Your app currently only has a setup.py file and no Python',
    "package manager files. This means that the buildpack can't",
    'tell which package manager you want to use, and whether to',
    'install your project in editable mode or not.',
    '',
    'You must now add an explicit package manager file to your app,',
    'such as a requirements.txt, poetry.lock or uv.lock file.',
    '',
    'To continue using your setup.py file with pip in editable',
    'mode, create a new file in the root directory of your app',
    "named 'requirements.txt' containing the requirement",
    "'--editable .' (without quotes).",
    '',
    'Alternatively, if you wish to switch to another package',
    'manager, we recommend uv, since it supports lockfiles, is',
    'faster, and is actively maintained by a full-time team:',
    'https://docs.astral.sh/uv/',
  ])
}
