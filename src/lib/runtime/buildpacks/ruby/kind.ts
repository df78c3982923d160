import semver from 'semver'
import type {ProcessTypes} from '../../../schema/resources.js'
import {hasGem, type Lockfile} from './lockfile.js'

/** What Heroku's buildpack says it compiles. */
export function kindOf(lock: Lockfile): 'Ruby' | 'Ruby/Rack' | 'Ruby/Rails' {
  if (railsOf(lock) > 0) return 'Ruby/Rails'
  return lock.gems.has('rack') ? 'Ruby/Rack' : 'Ruby'
}

/** Major version of Rails; 0 without it. Before 3 there was no railties. */
export function railsOf({gems}: Lockfile): number {
  return semver.coerce(gems.get('railties') ?? gems.get('rails'))?.major ?? 0
}

/** Defaults of the environment while it is built and while it runs; SECRET_KEY_BASE, which only the app knows, apart. */
export function defaultEnv(lock: Lockfile): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    PUMA_PERSISTENT_TIMEOUT: '95',
    ...(lock.gems.has('rack') ? {RACK_ENV: 'production'} : {}),
    ...(hasGem(lock, 'railties') ? {RAILS_ENV: 'production'} : {}),
    ...(hasGem(lock, 'railties', '4.2') ? {RAILS_SERVE_STATIC_FILES: 'enabled'} : {}),
    ...(hasGem(lock, 'railties', '5') ? {RAILS_LOG_TO_STDOUT: 'enabled'} : {}),
  }
}

export function processTypes(lock: Lockfile): ProcessTypes {
  const plain = {rake: 'bundle exec rake', console: 'bundle exec irb'}
  const rails = railsOf(lock)
  const thin = lock.gems.has('thin')
  if (rails >= 4) return {...plain, web: `bin/rails server -p \${PORT:-5000} -e $RAILS_ENV`, console: 'bin/rails console'}
  if (rails === 3) {
    const web = thin ? `bundle exec thin start -R config.ru -e $RAILS_ENV -p \${PORT:-5000}` : `bundle exec rails server -p \${PORT:-5000}`
    return {...plain, web, console: 'bundle exec rails console'}
  }
  if (rails === 2) {
    const web = thin ? `bundle exec thin start -e $RAILS_ENV -p \${PORT:-5000}` : `bundle exec ruby script/server -p \${PORT:-5000}`
    return {...plain, web, console: 'bundle exec script/console'}
  }
  if (!lock.gems.has('rack')) return plain
  const web = thin ? `bundle exec thin start -R config.ru -e $RACK_ENV -p \${PORT:-5000}` : `bundle exec rackup config.ru -p \${PORT:-5000}`
  return {...plain, web}
}
