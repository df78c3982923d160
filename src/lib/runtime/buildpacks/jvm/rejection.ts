import type {Source} from '../buildpack.js'
import {rootNames} from '../root-names.js'

interface Wanted {
  language: string
  /** `Java project files` */
  files: string
  needs: string[]
  others: string[]
  /** Of Heroku's Dev Center. */
  article: string
}

/** Why a JVM buildpack that was set has nothing to build, as Heroku's three say it. */
export function notFound(source: Source, {language, files, needs, others, article}: Wanted): string[] {
  return [
    `Error: Your app is configured to use the ${language} buildpack,`,
    `but we couldn't find any supported ${files}.`,
    '',
    ...needs,
    '',
    'IMPORTANT: If your project uses a different build tool:',
    ...others.map(other => `- ${other} instead`),
    '',
    'Currently the root directory of your app contains:',
    '',
    ...rootNames(source),
    '',
    'If your app already has these files, check that they:',
    '',
    '1. Are in the top level directory (not a subdirectory).',
    '2. Have the correct spelling (the filenames are case-sensitive).',
    "3. Aren't listed in '.gitignore' or '.slugignore'.",
    "4. Have been added to the Git repository using 'git add --all'",
    "   and then committed using 'git commit'.",
    '',
    `For help with using ${language} on Heroku, see:`,
    `https://devcenter.heroku.com/articles/${article}`,
  ]
}
