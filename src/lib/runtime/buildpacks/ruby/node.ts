import semver from 'semver'
import type {BuildEnv, BuildPlan, Source} from '../buildpack.js'
import {npmOf} from '../nodejs/node-releases.js'
import {resolveNodeVersion} from '../nodejs/node-version.js'
import type {PackageManager} from '../nodejs/package-manager.js'
import {nodeHome, nodeToolchain} from '../nodejs/toolchain.js'
import type {Lockfile} from './lockfile.js'

type NodePart = Pick<BuildPlan, 'toolchains' | 'path' | 'decisions' | 'warnings'>

const none: NodePart = {toolchains: [], path: [], decisions: [], warnings: []}

/** Node.js and Yarn as Heroku adds them to an app that needs them for its assets, unless a buildpack before may have brought them. */
export async function nodeFor(source: Source, {gems}: Lockfile, env: BuildEnv): Promise<NodePart> {
  const wanted = source.has('package.json') || gems.has('execjs') || gems.has('webpacker')
  if (!wanted || (env.before ?? []).some(name => !name.startsWith('heroku-community/apt'))) return none
  const {version} = resolveNodeVersion(undefined, await env.packages.versions(`node-linux-${env.architecture}`), env.now)
  const npm = npmOf(Number(version.split('.')[0]))
  const yarn = source.has('yarn.lock') || gems.has('webpacker') ? await classicYarn(env) : undefined
  const manager: PackageManager = {name: 'npm', version: npm, berry: false, lockfile: undefined, lines: []}
  return {
    toolchains: [nodeToolchain(version, yarn === undefined ? manager : {...manager, name: 'yarn', version: yarn}, npm, env.architecture)],
    path: [`${nodeHome}/bin`],
    decisions: [`node-v${version}`, ...(yarn === undefined ? [] : [`yarn-v${yarn}`])].map(name => ({
      heading: `Installing ${name}`,
      lines: [],
    })),
    warnings: [...notice(`version (${version}) of Node.js`), ...(yarn === undefined ? [] : notice(`version (${yarn}) of Yarn`))],
  }
}

async function classicYarn({packages}: BuildEnv): Promise<string> {
  return semver.maxSatisfying(await packages.versions('yarn'), '1.x') ?? '1.22.22'
}

function notice(what: string): string[] {
  return [
    `Installing a default ${what}.`,
    'This version is not pinned and can change over time, causing unexpected failures.',
    '',
    'Heroku recommends placing the `heroku/nodejs` buildpack in front of',
    '`heroku/ruby` to install a specific version of node:',
    '',
    'https://devcenter.heroku.com/articles/ruby-support-reference#node-js-and-yarn-support',
    '',
  ]
}
