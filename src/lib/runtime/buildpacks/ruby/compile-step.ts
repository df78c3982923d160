import type {BuildStep} from '../buildpack.js'
import {type BundleContext, beforeRuby} from './bundler.js'
import {databaseYml} from './database-yml.js'
import {kindOf, railsOf} from './kind.js'
import {hasGem, type Lockfile} from './lockfile.js'

export interface CompileContext extends BundleContext {
  lock: Lockfile
  /** The source has a Rakefile. */
  rakefile: boolean
  /** The source has a folder `config`. */
  config: boolean
}

const cache = '/tmp/build-cache/ruby'

/** What heroku/ruby does over the whole source after the bundle: database.yml, the app's secret, rake tasks, assets. Prints its own headings. */
export function compileStep(context: CompileContext): BuildStep {
  const {lock, rakefile} = context
  return {
    name: 'compile',
    heading: `Compiling ${kindOf(lock)}`,
    introduction: [],
    run: [
      ...beforeRuby(context),
      'indent() { sed -u "s/^/       /"; }',
      'fail() { printf " !\\n"; printf " !     %s\\n" "$@"; printf " !\\n"; exit 1; }',
      `echo "-----> Compiling ${kindOf(lock)}"`,
      ...readsDatabaseUrl(context),
      ...secret(lock),
      ...(railsOf(lock) >= 6 ? ['mkdir -p tmp/pids'] : []),
      ...(rakefile ? [...rakeTasks(lock), ...assets(lock)] : []),
      'if [ -d bin ]; then find bin -maxdepth 1 -type f -exec chmod +x {} +; fi',
    ],
    env: {},
    caches: [{id: 'hokku-ruby', target: cache}],
    configVars: ['*'],
    output: 'verbatim',
  }
}

function readsDatabaseUrl({lock, config}: CompileContext): string[] {
  if (!config || hasGem(lock, 'activerecord', '4.1')) return []
  return [
    'echo "-----> Writing config/database.yml to read from DATABASE_URL"',
    `printf %s ${Buffer.from(databaseYml).toString('base64')} | base64 -d > config/database.yml`,
  ]
}

/** SECRET_KEY_BASE stays the same from build to build, and is the app's own. A config var of that name comes before it. */
function secret(lock: Lockfile): string[] {
  if (!hasGem(lock, 'railties', '4.1')) return []
  return [
    `if [ ! -s ${cache}/secret_key_base ]; then ruby -rsecurerandom -e "print SecureRandom.hex(64)" > ${cache}/secret_key_base; fi`,
    `secret=$(cat ${cache}/secret_key_base)`,
    `mkdir -p .profile.d && printf 'export SECRET_KEY_BASE="\${SECRET_KEY_BASE:-%s}"\\n' "$secret" > .profile.d/ruby-secret.sh`,
    `export SECRET_KEY_BASE="\${SECRET_KEY_BASE:-$secret}"`,
  ]
}

/** `rake -P`, whose list says whether there are assets. An app of Rails has to have a Rakefile that loads. */
function rakeTasks(lock: Lockfile): string[] {
  const rails = railsOf(lock) >= 3
  const adapter = ['pg', 'mysql2', 'mysql', 'sqlite3'].find(name => lock.gems.has(name))
  const url =
    adapter === undefined
      ? []
      : [`export DATABASE_URL="\${DATABASE_URL:-${adapter === 'pg' ? 'postgres' : adapter}://user:pass@127.0.0.1/dbname}"`]
  const advice = [
    'Could not detect rake tasks',
    'ensure you can run `$ bundle exec rake -P` against your app',
    'and using the production group of your Gemfile.',
  ]
  const quoted = advice.map(line => `'${line}'`).join(' ')
  const otherwise = rails ? `fail ${quoted}` : `printf "       %s\\n" ${quoted}; : > /tmp/rake-tasks`
  return [
    ...(rails ? ['export RAILS_GROUPS=assets', ...url] : []),
    'echo "-----> Detecting rake tasks"',
    `bundle exec rake -P --trace > /tmp/rake-tasks 2>&1 || { indent < /tmp/rake-tasks; ${otherwise}; }`,
    'has_task() { grep -qE "^rake $1\\$" /tmp/rake-tasks; }',
    'run_task() { echo "Running: rake $1" | indent; bundle exec rake "$1" 2>&1 | tee /tmp/task-output | indent; }',
  ]
}

function assets(lock: Lockfile): string[] {
  const rails = railsOf(lock)
  const manifest =
    rails >= 4 ? 'public/assets/{.sprockets-manifest-*.json,manifest-*.json}' : rails === 3 ? 'public/assets/manifest.yml' : ''
  const found = rails >= 4 ? 'Detected manifest file' : 'Detected manifest.yml'
  const heading = rails >= 3 ? 'Preparing app for Rails asset pipeline' : 'Precompiling assets'
  const nowhere =
    'if grep -qF 127.0.0.1 /tmp/task-output; then set -- "$@" "Attempted to access a nonexistent database:" "https://devcenter.heroku.com/articles/pre-provision-database"; fi'
  return [
    `precompile_failed() { set -- "Precompiling assets failed."; ${nowhere}; fail "$@"; }`,
    `precompile() { ${[
      `echo "-----> ${heading}"`,
      ...(rails >= 4 ? restored : []),
      'local began=$SECONDS',
      'run_task assets:precompile || precompile_failed',
      'echo "Asset precompilation completed ($((SECONDS - began))s)" | indent',
      ...(rails >= 4 ? cleaned : []),
    ].join('; ')}; }`,
    manifest === ''
      ? 'if has_task assets:precompile; then precompile; fi'
      : `if compgen -G '${manifest}' > /dev/null || ls ${manifest} > /dev/null 2>&1; then echo "${found}, assuming assets were compiled locally" | indent; elif has_task assets:precompile; then precompile; fi`,
  ]
}

/** What the last build left of Sprockets' work, the source's own files kept. */
const restored = [
  'mkdir -p public/assets tmp/cache/assets',
  `if [ -d ${cache}/public ]; then cp -a -n ${cache}/public/. public/assets/; fi`,
  `if [ -d ${cache}/tmp ]; then cp -a ${cache}/tmp/. tmp/cache/assets/; fi`,
]

/** Old versions go, and what is kept of Sprockets' cache is no more than Heroku keeps (50 MB); none of it is in the slug. */
const cleaned = [
  `if has_task assets:clean; then ${[
    'echo "Cleaning assets" | indent',
    'run_task assets:clean || fail "Cleaning assets failed."',
    `if [ "$(du -sm tmp/cache/assets | cut -f1)" -gt 50 ]; then find tmp/cache/assets -mindepth 1 -delete; fi`,
    `rm -rf ${cache}/public ${cache}/tmp`,
    `cp -a public/assets ${cache}/public`,
    `cp -a tmp/cache/assets ${cache}/tmp`,
  ].join('; ')}; fi`,
  'rm -rf tmp/cache/assets',
]
