import {locales} from './toolchain.js'

interface Runtime {
  /** Heroku's defaults, which config vars of the same name come before. */
  env: Record<string, string>
  /** `vendor/bundle/ruby/3.3.0` */
  gems: string
  without: string
  /** For RUBYLIB; undefined when Ruby is the one that was asked for. */
  preload: string | undefined
  node: boolean
}

/** What every dyno sources when it boots, by path. */
export function rubyProfile({env, gems, without, preload, node}: Runtime): Record<string, string> {
  const bundle = {BUNDLE_PATH: 'vendor/bundle', BUNDLE_WITHOUT: without, BUNDLE_BIN: 'vendor/bundle/bin', BUNDLE_DEPLOYMENT: '1'}
  const defaults = Object.entries({...env, MALLOC_ARENA_MAX: '2', ...bundle, LOCPATH: locales})
  const lines = [
    ...defaults.map(([name, value]) => `export ${name}="\${${name}:-${value}}"`),
    `export GEM_PATH="$HOME/${gems}:$GEM_PATH"`,
    `export PATH="$HOME/bin:$HOME/vendor/bundle/bin:$HOME/${gems}/bin:${node ? '$HOME/.heroku/node/bin:' : ''}$PATH"`,
    'export DISABLE_SPRING="1"',
    ...(preload === undefined ? [] : [`export RUBYLIB="${preload}\${RUBYLIB:+:$RUBYLIB}"`]),
    // heroku/nodejs counts its own processes; how many a Ruby server has is the app's to say.
    'if [ "$WEB_CONCURRENCY_SET_BY" = heroku/nodejs ]; then unset WEB_CONCURRENCY WEB_CONCURRENCY_SET_BY; fi',
  ]
  return {'.profile.d/ruby.sh': `${lines.join('\n')}\n`}
}
