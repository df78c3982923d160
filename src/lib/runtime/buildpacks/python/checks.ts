import {RejectedSource, type Source} from '../buildpack.js'

/** What Heroku refuses to find in an app's source. */
export function checkSource(source: Source): void {
  if (source.has('.heroku/python') || source.hasFolder('.heroku/python')) throw existingPython(source)
  const environment = ['.venv', 'venv'].find(name => source.has(`${name}/pyvenv.cfg`))
  if (environment !== undefined) throw existingEnvironment(environment, source)
}

function below(folder: string, source: Source): string[] {
  const paths = source.paths.filter(path => path === folder || path.startsWith(`${folder}/`))
  return [...new Set(paths.map(path => path.split('/').slice(0, 4).join('/')))].slice(0, 20)
}

function existingPython(source: Source): RejectedSource {
  return new RejectedSource([
    "Error: Existing '.heroku/python/' directory found.",
    '',
    "Your app's source code contains an existing directory named",
    "'.heroku/python/', which is where the Python buildpack needs",
    'to install its files. This existing directory contains:',
    '',
    ...below('.heroku/python', source),
    '',
    'Writing to internal locations used by the Python buildpack',
    "isn't supported and can cause unexpected errors.",
    '',
    "If you have committed a '.heroku/python/' directory to your",
    'Git repo, you must delete it or use a different location.',
  ])
}

function existingEnvironment(name: string, source: Source): RejectedSource {
  return new RejectedSource([
    `Error: Existing '${name}/' directory found.`,
    '',
    "Your app's source code contains an existing directory named",
    `'${name}/', which looks like a Python virtual environment:`,
    '',
    ...below(name, source),
    '',
    'Including a virtual environment directory in your app source',
    "isn't supported since the files within it are specific to a",
    "single machine and so won't work when run somewhere else.",
    '',
    `If you've committed a '${name}/' directory to your Git repo, you`,
    'must delete it and add the directory to your .gitignore file.',
    '',
    'To do this:',
    `1. Run 'git rm --cached -r ${name}/' to remove the directory`,
    '   from the Git index.',
    "2. Create a '.gitignore' file in the root of your repository",
    "   if it doesn't already exist.",
    `3. Add the '${name}/' directory to the .gitignore file as a`,
    "   new entry on its own line (don't include the quotes).",
    "4. Stage the change using 'git add .gitignore' and then",
    "   'git commit' all changes.",
  ])
}
