import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildPlan, BuildStep, Source} from '../buildpack.js'
import {explained, heading, quoted} from '../shell.js'
import type {Layout} from './layout.js'
import {hasModule} from './steps.js'

export interface StaticFiles {
  steps: BuildStep[]
  /** Why nothing runs, when that is worth telling. */
  skipped: BuildPlan['closing']
  warnings: string[]
}

/** Django's static files: collected when Django is installed and a manage.py is at most two folders down, unless that is turned off. */
export function staticFiles(source: Source, layout: Layout, configVars: ConfigVars): StaticFiles {
  const skip = (why: string, warnings: string[] = []): StaticFiles => ({
    steps: [],
    skipped: [{heading: `Skipping Django collectstatic since ${why}`, lines: []}],
    warnings,
  })
  if (source.has('.heroku/collectstatic_disabled'))
    return skip("the file '.heroku/collectstatic_disabled' exists.", [
      'Warning: The .heroku/collectstatic_disabled file is deprecated.',
      '',
      'Please remove the file and set the env var DISABLE_COLLECTSTATIC=1 instead.',
      '',
    ])
  if ((configVars['DISABLE_COLLECTSTATIC'] || '0') !== '0') return skip('the env var DISABLE_COLLECTSTATIC is set.')
  const manage = manageFile(source)
  if (manage !== undefined) return {steps: [collectStep(manage)], skipped: [], warnings: []}
  return layout.django ? skip('no manage.py file found.') : {steps: [], skipped: [], warnings: []}
}

/** The one nearest to the root. */
function manageFile(source: Source): string | undefined {
  const depth = (path: string): number => path.split('/').length
  const found = source.paths.filter(path => /(^|\/)manage\.py$/.test(path) && depth(path) <= 3)
  return found.toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))[0]
}

function collectStep(manage: string): BuildStep {
  const title = `$ python ${manage} collectstatic --noinput`
  const failed = [
    'Error: Unable to generate Django static files.',
    '',
    `The 'python ${manage} collectstatic --noinput' Django`,
    'management command to generate static files failed.',
    '',
    'See the traceback above for details.',
    '',
    'You may need to update application code to resolve this error.',
    'Or, you can disable collectstatic for this application:',
    '',
    '   $ heroku config:set DISABLE_COLLECTSTATIC=1',
    '',
    'https://devcenter.heroku.com/articles/django-assets',
  ]
  const debug = `if [ "$DEBUG_COLLECTSTATIC" = 1 ]; then printf '\\n****** Collectstatic environment variables:\\n\\n'; env | cut -d = -f 1 | sed 's/^/       /'; fi`
  const run = [
    'export PYTHONPATH="$(printenv PYTHONPATH || echo .)"',
    heading(title),
    explained(`python ${quoted(manage.replace(/^-/, './-'))} collectstatic --noinput --traceback`, failed, {advice: [debug]}),
    'echo',
  ]
  return {
    name: 'collectstatic',
    heading: title,
    introduction: [],
    run: [`if ${hasModule('django')}; then ${run.join('; ')}; fi`],
    env: {},
    caches: [],
    configVars: ['*'],
    output: 'verbatim',
  }
}
