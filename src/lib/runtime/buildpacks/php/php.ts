import {aliasesOf} from '../aliases.js'
import type {BuildEnv, BuildPlan, Buildpack, Source} from '../buildpack.js'
import {RejectedSource} from '../buildpack.js'
import {type ComposerApp, platformRequirements, readComposerApp} from './composer-json.js'
import {extensionPackages} from './extensions.js'
import {dependencyFiles} from './layout.js'
import {resolvePhp} from './php-version.js'
import {composerEnv, composerStep, packagesStep, type StepContext} from './steps.js'
import {phpHome, phpToolchain} from './toolchain.js'

/** heroku/php, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const php: Buildpack = {
  name: 'heroku/php',
  aliases: aliasesOf('heroku/php', 'heroku-buildpack-php'),
  async detect(source) {
    return source.has('composer.json') || source.has('index.php') ? 'PHP' : undefined
  },
  async rejection() {
    return [
      'Application not supported by this buildpack!',
      '',
      "The 'heroku/php' buildpack is set on this application, but was",
      'unable to detect a PHP codebase.',
      '',
      "A PHP app on Heroku requires a 'composer.json' at the root of",
      "the directory structure, or an 'index.php' for legacy behavior.",
      '',
      'If you are trying to deploy a PHP application, ensure that one',
      'of these files is present at the top level directory.',
      '',
      'If you are trying to deploy an application written in another',
      'language, you need to change the list of buildpacks set on your',
      "Heroku app using the 'heroku buildpacks' command.",
      '',
      'For more information, refer to the following documentation:',
      'https://devcenter.heroku.com/articles/buildpacks',
      'https://devcenter.heroku.com/articles/php-support#activation',
    ]
  },
  compile,
  async release() {
    return {defaultProcessTypes: {web: 'heroku-php-apache2'}}
  },
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const app = await readComposerApp(source, env.configVars)
  refuse(source, app)
  const required = platformRequirements(app)
  const {php: chosen, substituted, warnings} = await resolvePhp(required.get('php') ?? [], env.clients)
  const extensions = [...required.keys()].flatMap(name => (name.startsWith('ext-') ? [name.slice(4)] : [])).sort()
  const packages = extensionPackages(extensions)
  const procfile = await source.text('Procfile')
  return {
    buildpack: 'heroku/php',
    language: 'PHP',
    toolchains: [phpToolchain(chosen, packages)],
    path: [`${phpHome}/bin`, `/app/${app.binDir}`],
    env: composerEnv,
    decisions: [
      {
        heading: 'Installing platform packages...',
        lines: [`- php (${chosen.version})`, ...extensions.map(name => `- ext-${name}`), '- apache', '- nginx', '- composer'],
      },
    ],
    ...arranged(source, {app, substituted, configVars: env.configVars}, procfile),
    closing: procfile === undefined ? [{heading: 'Preparing runtime environment...', lines: [noProcfile]}] : [],
    files: {
      '.profile.d/php.sh': `export PATH="$HOME/.heroku/php/bin:$PATH:$HOME/${app.binDir}"\n`,
      ...(procfile === undefined ? {Procfile: 'web: heroku-php-apache2\n'} : {}),
    },
    warnings: [...(app.present ? [] : notComposer(source, app)), ...vendored(source, app), ...warnings],
  }
}

const noProcfile = "NOTICE: No Procfile, using 'web: heroku-php-apache2'."

/** With files that decide it, Composer's packages are a layer of their own, and a second run over the source has only its scripts to do. */
function arranged(source: Source, context: StepContext, procfile: string | undefined): Pick<BuildPlan, 'dependencies' | 'build'> {
  const {app} = context
  // An index.php that nothing has to be done for is only copied.
  if (!app.present && !procfile?.includes(`${app.binDir}/`)) return {dependencies: undefined, build: []}
  const files = dependencyFiles(source, app)
  const build = [composerStep(context)]
  if (files === undefined) return {dependencies: undefined, build}
  return {dependencies: {files, folders: [app.vendorDir], install: packagesStep(context), prune: undefined}, build}
}

function refuse(source: Source, {manifest, lock, file}: ComposerApp): void {
  if (source.hasFolder('.heroku/php'))
    throw new RejectedSource([
      'Your app source code contains artifacts from a previous build!',
      '',
      "A '.heroku/php/' directory exists in your app source, but this",
      'directory is created during a build of your app and should not',
      'be in your source repository.',
    ])
  if (manifest.require['heroku/heroku-buildpack-php'] !== undefined)
    throw new RejectedSource([
      "Package 'heroku/heroku-buildpack-php' found!",
      '',
      `Your '${file}' requires 'heroku/heroku-buildpack-php' in`,
      "the 'require' section. This package may only be used as a",
      "dependency in 'require-dev'.",
    ])
  const inDev = [manifest['require-dev'], ...(lock?.['packages-dev'] ?? []).map(({require}) => require)].some(({php}) => php !== undefined)
  const inMain = [manifest.require, ...(lock?.packages ?? []).map(({require}) => require)].some(({php}) => php !== undefined)
  if (inDev && !inMain)
    throw new RejectedSource([
      "Runtime specified in 'require-dev' but not in 'require'!",
      '',
      `Your '${file}' contains a 'require-dev' section which`,
      'specifies a PHP runtime version (either directly, or through',
      "a dependency), but no such requirement is present in 'require'",
      "or in any of the packages listed in 'require'.",
      '',
      'Please perform the following steps locally on your computer to',
      'resolve this issue before attempting another deploy:',
      `1) add a dependency for 'php' to 'require' in '${file}'`,
      "2) run 'composer update' to re-generate the lock file",
      '3) stage and commit both files',
    ])
}

function notComposer(source: Source, {file}: ComposerApp): string[] {
  if (source.has(file)) return [`Your '${file}' is empty! Change the contents to at least '{}'.`]
  return [
    `No '${file}' found!`,
    '',
    `Your project only contains an 'index.php', no '${file}'.`,
    '',
    "Using 'index.php' to declare app type as PHP is deprecated and",
    'may lead to unexpected behavior.',
  ]
}

function vendored(source: Source, {vendorDir, file, lockFile}: ComposerApp): string[] {
  if (!source.has(`${vendorDir}/autoload.php`) || !source.hasFolder(`${vendorDir}/composer`)) return []
  return [
    'Composer vendor dir found in project!',
    '',
    `Your Git repository contains Composer's '${vendorDir}' directory.`,
    '',
    'This directory should not be under version control; only your',
    `'${file}' and '${lockFile}' files need to be added, as`,
    'Composer will handle installation of dependencies on deploy.',
  ]
}
