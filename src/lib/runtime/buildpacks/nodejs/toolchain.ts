import type {BuildEnv, Toolchain} from '../buildpack.js'
import type {PackageManager} from './package-manager.js'

export const nodeHome = '/app/.heroku/node'
/** Node's headers, for node-gyp; in build images only. */
export const nodeHeaders = '/usr/local/heroku-build/node'
export const path = [`${nodeHome}/bin`, '/app/node_modules/.bin']

/** Links what a package's `bin` names; runs on the node that was just unpacked, so in words that Node.js 4 knows. */
const linkBins = [
  'var root = process.argv[1], name = process.argv[2], fs = require("fs")',
  'var manifest = require(root + "/lib/node_modules/" + name + "/package.json"), bins = manifest.bin',
  'if (typeof bins === "string") { bins = {}; bins[manifest.name] = manifest.bin }',
  'Object.keys(bins).forEach(function (command) { var target = "lib/node_modules/" + name + "/" + bins[command]',
  'fs.chmodSync(root + "/" + target, 493)',
  'fs.symlinkSync("../" + target, root + "/bin/" + command) })',
].join('; ')

/** A few old versions were published as the release's own archive inside the package. */
const unpackNode = [
  'mkdir /tmp/node && tar -xzf /downloads/0.tgz --strip-components=1 -C /tmp/node',
  'if [ ! -f /tmp/node/bin/node ]; then tar -xzf /tmp/node/node-v*.tar.gz --strip-components=1 -C /tmp/node; fi',
]

/** Node from the npm registry (the package has no npm in it), npm, and Yarn or pnpm; the headers only where native modules are built. */
export function nodeToolchain(node: string, manager: PackageManager, npm: string, architecture: BuildEnv['architecture']): Toolchain {
  const managers = [{name: 'npm', version: npm}, ...(manager.name === 'npm' ? [] : [{name: packageOf(manager), version: manager.version}])]
  return {
    name: 'node',
    downloads: [{name: `node-linux-${architecture}`, version: node}, ...managers].map(download => ({registry: 'npm', ...download})),
    install: [
      'run=/out/run/node build=/out/build/node',
      'mkdir -p "$run/bin" "$build"',
      ...unpackNode,
      'install -m 0755 /tmp/node/bin/node "$run/bin/node"',
      'install -m 0644 /tmp/node/LICENSE "$run/LICENSE"',
      'cp -r /tmp/node/include "$build/include"',
      ...managers.flatMap(({name}, index) => [
        `mkdir -p "$run/lib/node_modules/${name}"`,
        `tar -xzf /downloads/${index + 1}.tgz --strip-components=1 -C "$run/lib/node_modules/${name}"`,
        `"$run/bin/node" -e '${linkBins}' "$run" ${name}`,
      ]),
    ],
  }
}

function packageOf(manager: PackageManager): string {
  return manager.berry ? '@yarnpkg/cli-dist' : manager.name
}
