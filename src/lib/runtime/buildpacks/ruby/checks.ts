import semver from 'semver'
import type {ConfigVars} from '../../../schema/resources.js'
import {RejectedSource, type Source} from '../buildpack.js'
import {defaultBundler} from './bundler.js'
import {hasGem, type Lockfile} from './lockfile.js'

/** What Heroku's buildpack says of a source before or after it has built it. Throws RejectedSource where it refuses. */
export async function checks(source: Source, lock: Lockfile, configVars: ConfigVars): Promise<string[]> {
  return [
    ...(source.hasFolder('vendor/bundle') ? vendored : []),
    ...(source.has('.bundle/config') ? localConfig : []),
    ...(lock.bundler === undefined ? noBundledWith : []),
    ...(configVars['BUNDLE_WITHOUT']?.includes(' ') ? spaced(configVars['BUNDLE_WITHOUT']) : []),
    ...puma(lock, configVars),
    ...(hasGem(lock, 'asset_sync') ? assetSync : []),
  ]
}

const vendored = [
  'Removing `vendor/bundle`.',
  'Checking in `vendor/bundle` is not supported. Please remove this directory',
  'and add it to your .gitignore. To vendor your gems with Bundler, use',
  '`bundle pack` instead.',
]

const localConfig = [
  'You have the `.bundle/config` file checked into your repository',
  'It contains local state like the location of the installed bundle',
  'as well as configured git local gems, and other settings that should',
  'not be shared between multiple checkouts of a single repo. Please',
  'remove the `.bundle/` folder from your repo and add it to your `.gitignore` file.',
  '',
  'https://devcenter.heroku.com/articles/bundler-configuration',
]

const noBundledWith = [
  `Using default bundler version \`${defaultBundler}\``,
  '',
  'The Ruby buildpack uses the `BUNDLED WITH` value in your `Gemfile.lock` to determine the version',
  'of bundler to install. Your `Gemfile.lock` does not contain this section.',
  '',
  'You can add it to your project by running:',
  '',
  '```',
  '$ bundle update --bundler',
  '$ git add Gemfile.lock',
  '$ git commit -m "Add BUNDLED WITH version"',
  '```',
]

function spaced(groups: string): string[] {
  return [`Your BUNDLE_WITHOUT contains a space, we are converting it to a colon \`:\` BUNDLE_WITHOUT=${groups.replaceAll(' ', ':')}`]
}

const assetSync = [
  'You are using the `asset_sync` gem.',
  'This is not recommended.',
  'See https://devcenter.heroku.com/articles/please-do-not-use-asset-sync for more information.',
]

const upgradePuma = [
  'Please upgrade your application to Puma 7.0.3+ by running the following commands:',
  '',
  '```',
  '$ bundle update puma',
  '$ git add Gemfile.lock && git commit -m "Upgrade Puma to 7.0.3+"',
  '```',
]

function puma({gems}: Lockfile, configVars: ConfigVars): string[] {
  const version = semver.coerce(gems.get('puma'))
  if (version === null || semver.gte(version, '7.0.3')) return []
  if (version.major < 7 || configVars['PUMA_PERSISTENT_TIMEOUT'] !== undefined)
    return ['Heroku recommends using Puma 7.0.3+ for compatibility with Router 2.0', '', ...upgradePuma]
  throw new RejectedSource([
    `Your application is using Puma ${gems.get('puma')}.`,
    '',
    'This has a known issue with the `PUMA_PERSISTENT_TIMEOUT` environment variable.',
    '',
    'This is fixed in Puma 7.0.3+ via https://github.com/puma/puma/pull/3749.',
    ...upgradePuma,
  ])
}
