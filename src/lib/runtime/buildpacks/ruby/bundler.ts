import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep} from '../buildpack.js'
import {acceptSameLine} from './toolchain.js'

/** What Heroku uses when Gemfile.lock does not say. */
export const defaultBundler = '2.5.23'

export interface BundleContext {
  /** BUNDLED WITH, or Heroku's default. */
  bundler: string
  /** Version of Ruby. */
  ruby: string
  /** `vendor/bundle/ruby/3.3.0` */
  gems: string
  /** Another patch release than the Gemfile names is used. */
  substituted: boolean
  configVars: ConfigVars
  /** Patterns of the config vars an install may depend on. */
  installVars: string[]
}

/** Groups that are not installed: the app's own BUNDLE_WITHOUT, whose spaces Heroku makes colons. */
export function withoutGroups(configVars: ConfigVars): string {
  return (configVars['BUNDLE_WITHOUT'] ?? 'development:test').replaceAll(' ', ':')
}

/** The folder of the gems, by Ruby's ABI. */
export function gemsFolder(line: string): string {
  return `vendor/bundle/ruby/${line}.0`
}

/** Heroku's settings, which no config var changes but BUNDLE_WITHOUT. */
const fixed = ['export BUNDLE_PATH=vendor/bundle BUNDLE_BIN=vendor/bundle/bin BUNDLE_DEPLOYMENT=1 BUNDLE_GEMFILE=/app/Gemfile']

/** Shell lines before everything that runs Ruby in a build. */
export function beforeRuby({substituted, configVars}: Pick<BundleContext, 'substituted' | 'configVars'>): string[] {
  const spaced = configVars['BUNDLE_WITHOUT']?.includes(' ') ? [`export BUNDLE_WITHOUT="\${BUNDLE_WITHOUT// /:}"`] : []
  return [...fixed, ...spaced, ...(substituted ? [`export RUBYLIB="${acceptSameLine}\${RUBYLIB:+:$RUBYLIB}"`] : [])]
}

const cache = '/tmp/build-cache/bundle'

/** `bundle install` into vendor/bundle, which begins as the last build left it. Ruby's version is in the cache's name: native gems are built for it. */
export function bundleStep(context: BundleContext): BuildStep {
  const {bundler, ruby, gems, configVars, installVars} = context
  const settings = `BUNDLE_WITHOUT='${withoutGroups(configVars)}' BUNDLE_PATH=vendor/bundle BUNDLE_BIN=vendor/bundle/bin BUNDLE_DEPLOYMENT=1`
  return {
    name: 'bundle',
    heading: `Installing dependencies using bundler ${bundler}`,
    introduction: [`Running: ${settings} bundle install -j4`],
    run: [
      ...beforeRuby(context),
      'export NOKOGIRI_USE_SYSTEM_LIBRARIES=true BUNDLE_DISABLE_VERSION_CHECK=true',
      'rm -rf vendor/bundle && mkdir -p vendor/bundle',
      `cp -a ${cache}/. vendor/bundle/ && rm -rf vendor/bundle/bin`,
      ...wantedBundler(bundler, gems),
      `bundle install -j4 || { ${failed.join('; ')}; }`,
      'echo "Cleaning up the bundler cache."',
      'bundle clean > /dev/null 2>&1 || true',
      `rm -rf ${gems}/cache && find vendor/bundle -name .git -prune -exec rm -rf {} +`,
      `find ${cache} -mindepth 1 -delete && cp -a vendor/bundle/. ${cache}/`,
    ],
    env: {},
    caches: [{id: `hokku-bundle-${ruby}`, target: cache}],
    configVars: installVars,
  }
}

/** BUNDLED WITH from RubyGems, as on Heroku; where that is out of reach, Debian's does. */
function wantedBundler(version: string, gems: string): string[] {
  const install = `GEM_HOME=${gems} gem install bundler --version ${version} --no-document --env-shebang`
  const instead = `echo "Bundler ${version} could not be installed: $(tail -n 1 /tmp/bundler.log)"; echo "$(BUNDLE_VERSION=system bundle --version), which Debian has, is used instead."; export BUNDLE_VERSION=system`
  return [
    `if [ ! -d ${gems}/gems/bundler-${version} ] && [ "$(BUNDLE_VERSION=system bundle --version)" != "Bundler version ${version}" ]; then ${install} > /tmp/bundler.log 2>&1 || { ${instead}; }; fi`,
  ]
}

const failed = [
  'echo',
  'echo "Failed to install gems via Bundler."',
  'echo "A mismatch of Ruby versions is corrected by: bundle update --ruby"',
  'echo "A platform that is missing by: bundle lock --add-platform x86_64-linux"',
  'exit 1',
]
