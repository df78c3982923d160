import {aliasesOf} from '../aliases.js'
import type {BuildEnv, BuildPlan, Buildpack, Dependencies, Source} from '../buildpack.js'
import {rootNames} from '../root-names.js'
import {bundleStep, defaultBundler, gemsFolder, withoutGroups} from './bundler.js'
import {checks} from './checks.js'
import {type CompileContext, compileStep} from './compile-step.js'
import {defaultEnv, processTypes} from './kind.js'
import {dependencyFiles, namedVars} from './layout.js'
import {hasGem, type Lockfile, readLockfile} from './lockfile.js'
import {nodeFor} from './node.js'
import {rubyProfile} from './profile.js'
import {resolveRuby} from './ruby-version.js'
import {acceptSameLine, locales, rubyToolchain} from './toolchain.js'

/** heroku/ruby, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const ruby: Buildpack = {
  name: 'heroku/ruby',
  aliases: aliasesOf('heroku/ruby', 'heroku-buildpack-ruby'),
  async detect(source) {
    return source.has('Gemfile') ? 'Ruby' : undefined
  },
  async rejection(source) {
    return [
      'Error: Your app is configured to use the Ruby buildpack,',
      "but we couldn't find any supported Ruby project files ('Gemfile' and 'Gemfile.lock').",
      '',
      "A Ruby app on Heroku must have a 'Gemfile' and 'Gemfile.lock' in the root directory of its source code.",
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
      "no dependencies, then create an empty 'Gemfile', run 'bundle install' and",
      'commit the results to git.',
      '',
      'For help with using Ruby on Heroku, see:',
      'https://devcenter.heroku.com/articles/getting-started-with-ruby',
      'https://devcenter.heroku.com/articles/ruby-support',
    ]
  },
  compile,
  async release(source) {
    return {defaultProcessTypes: processTypes(await readLockfile(source))}
  },
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const lock = await readLockfile(source)
  const {ruby: chosen, substituted, warnings} = await resolveRuby(lock, env)
  const files = await dependencyFiles(source, lock)
  const gems = gemsFolder(chosen.line)
  const context: CompileContext = {
    bundler: lock.bundler ?? defaultBundler,
    ruby: chosen.version,
    gems,
    substituted,
    configVars: env.configVars,
    installVars: files === undefined ? ['*'] : ['BUNDLE_*', 'GEM_*', 'RUBY*', ...(await namedVars(source))],
    lock,
    rakefile: ['Rakefile', 'rakefile', 'rakefile.rb', 'Rakefile.rb'].some(name => source.has(name)),
    config: source.hasFolder('config'),
  }
  const node = await nodeFor(source, lock, env)
  const without = withoutGroups(env.configVars)
  const preload = substituted ? acceptSameLine : undefined
  return {
    buildpack: 'heroku/ruby',
    language: 'Ruby',
    toolchains: [rubyToolchain(chosen), ...node.toolchains],
    path: ['/app/bin', '/app/vendor/bundle/bin', `/app/${gems}/bin`, ...node.path],
    env: {...buildEnv(lock, gems), BUNDLE_WITHOUT: without},
    decisions: [{heading: `Using Ruby version: ruby-${chosen.version}`, lines: []}, ...node.decisions],
    ...arranged(context, files),
    closing: [],
    files: rubyProfile({env: defaultEnv(lock), gems, without, preload, node: node.toolchains.length > 0}),
    warnings: [...(await checks(source, lock, env.configVars)), ...warnings, ...node.warnings],
  }
}

/** The last colon has RubyGems look where Debian's gems are as well. */
function buildEnv(lock: Lockfile, gems: string): Record<string, string> {
  return {
    ...defaultEnv(lock),
    LOCPATH: locales,
    GEM_PATH: `/app/${gems}:`,
    GEM_HOME: `/app/${gems}`,
    DISABLE_SPRING: '1',
    NODE_OPTIONS: '--max_old_space_size=2560',
    BUNDLE_PATH: 'vendor/bundle',
    BUNDLE_BIN: 'vendor/bundle/bin',
    BUNDLE_DEPLOYMENT: '1',
  }
}

/** With `files`, gems are a layer of their own; without, Bundler runs over the whole source. */
function arranged(
  context: CompileContext,
  files: string[] | undefined,
): {dependencies: Dependencies | undefined; build: BuildPlan['build']} {
  const install = bundleStep(context)
  const {lock, rakefile, config} = context
  const idle = !rakefile && !hasGem(lock, 'railties', '4.1') && !config
  const build = idle ? [] : [compileStep(context)]
  if (files === undefined) return {dependencies: undefined, build: [install, ...build]}
  return {dependencies: {files, folders: ['vendor/bundle'], install, prune: undefined}, build}
}
