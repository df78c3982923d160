import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep} from '../buildpack.js'
import {errorLines, explained, heading, quoted} from '../shell.js'
import {type ComposerApp, hasScript} from './composer-json.js'
import {phpHome} from './toolchain.js'

export interface StepContext {
  app: ComposerApp
  /** Another patch release than is required is used. */
  substituted: boolean
  configVars: ConfigVars
}

const cacheRoot = '/tmp/build-cache/composer'

/** Archives are kept between builds for the app alone: Composer knows most of them by no checksum. */
const caches = [{id: 'hokku-composer', target: cacheRoot}]

/** What no app wants asked, shown or kept elsewhere. */
export const composerEnv = {
  COMPOSER_HOME: `${cacheRoot}/home`,
  COMPOSER_CACHE_DIR: `${cacheRoot}/cache`,
  COMPOSER_NO_INTERACTION: '1',
  COMPOSER_MEMORY_LIMIT: '-1',
}

function install({substituted}: StepContext): string {
  const tolerant = substituted ? ' --ignore-platform-req=php' : ''
  return `composer install --no-dev --prefer-dist --optimize-autoloader --no-progress --no-interaction${tolerant}`
}

/** The token for GitHub that Heroku's buildpack knows by this name. */
function token({configVars}: StepContext): string[] {
  if (!configVars['COMPOSER_GITHUB_OAUTH_TOKEN']) return []
  return [
    // In the environment of this step, and in no file.
    `if [ -z "\${COMPOSER_AUTH:-}" ]; then export COMPOSER_AUTH="{\\"github-oauth\\": {\\"github.com\\": \\"$COMPOSER_GITHUB_OAUTH_TOKEN\\"}}"; fi`,
    'echo "Using \\$COMPOSER_GITHUB_OAUTH_TOKEN for GitHub OAuth."',
  ]
}

/** Packages alone: neither an autoloader, which depends on the code, nor scripts. */
export function packagesStep(context: StepContext): BuildStep {
  return {
    name: 'packages',
    heading: 'Installing dependencies...',
    introduction: [],
    run: [
      ...token(context),
      `${install(context)} --no-autoloader --no-scripts || { ${[errorLines(installFailed(context)), 'exit 1'].join('; ')}; }`,
    ],
    env: {},
    caches,
    configVars: ['COMPOSER*'],
  }
}

/** Composer over the whole source: what packages are missing, the autoloader and the app's scripts, `compile` last. */
export function composerStep(context: StepContext): BuildStep {
  const {app} = context
  const empty = app.present ? [] : [`echo '{}' > ${quoted(app.file)}`]
  const first = app.present
    ? [heading('Installing dependencies...'), ...token(context), explained(install(context), installFailed(context))]
    : []
  const compile = hasScript(app, 'compile')
    ? [heading("Running 'composer compile'..."), explained('composer run-script --no-dev --no-interaction compile', compileFailed(app))]
    : []
  return {
    name: 'composer',
    heading: 'Installing dependencies...',
    introduction: [],
    run: [...empty, ...first, ...compile, heading('Preparing runtime environment...'), ...links(app)],
    env: {},
    caches,
    configVars: ['*'],
    output: 'verbatim',
  }
}

/** Where old Procfiles look for the boot scripts. */
function links({binDir}: ComposerApp): string[] {
  return [`mkdir -p ${quoted(binDir)}`, `for server in apache2 nginx; do ln -sf ${phpHome}/bin/heroku-php-$server ${quoted(binDir)}/; done`]
}

function installFailed({app}: StepContext): string[] {
  return [
    'Dependency installation failed!',
    '',
    "The 'composer install' process failed with an error. The cause",
    'may be the download or installation of packages, or a pre- or',
    "post-install hook (e.g. a 'post-install-cmd' item in 'scripts')",
    `in your '${app.file}'.`,
    '',
    'Typical error cases are out-of-date or missing parts of code,',
    'timeouts when making external connections, or memory limits.',
    '',
    'Check the above error output closely to determine the cause of',
    "the problem, ensure the code you're pushing is functioning",
    'properly, and that all local changes are committed correctly.',
    '',
    'For more information on builds for PHP on Heroku, refer to',
    'https://devcenter.heroku.com/articles/php-support',
  ]
}

function compileFailed({file}: ComposerApp): string[] {
  return [
    'Compile step failed!',
    '',
    'Installation of dependencies was successful, but the custom',
    "script you're using to perform actions after 'composer install'",
    'failed with the error above.',
    '',
    "Check that the 'compile' command(s) in the 'scripts' section of",
    `your '${file}' are working properly and not running into`,
    'timeouts or memory limits.',
    '',
    "For more information on the 'composer compile' step, refer to",
    'https://devcenter.heroku.com/articles/php-support',
  ]
}
