import type {BuildEnv, Toolchain} from '../buildpack.js'
import type {PackageManager} from './package-manager.js'

export const nodeHome = '/app/.heroku/node'
/** Node's headers, for node-gyp; in build images only. */
export const nodeHeaders = '/usr/local/heroku-build/node'
export const path = `${nodeHome}/bin:/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`

/** Links what a package's `bin` names; runs on the node that was just unpacked. */
const linkBins = [
  'const [root, name] = process.argv.slice(1), fs = require("fs")',
  'const package = require(root + "/lib/node_modules/" + name + "/package.json")',
  'const bins = typeof package.bin === "string" ? {[package.name]: package.bin} : package.bin',
  'for (const [command, file] of Object.entries(bins)) { const target = "lib/node_modules/" + name + "/" + file',
  'fs.chmodSync(root + "/" + target, 0o755)',
  'fs.symlinkSync("../" + target, root + "/bin/" + command) }',
].join('; ')

/** Node from the npm registry (the package has no npm in it), npm, and Yarn or pnpm; the headers only where native modules are built. */
export function nodeToolchain(node: string, manager: PackageManager, npm: string, architecture: BuildEnv['architecture']): Toolchain {
  const managers = [{name: 'npm', version: npm}, ...(manager.name === 'npm' ? [] : [{name: packageOf(manager), version: manager.version}])]
  return {
    name: 'node',
    downloads: [{name: `node-linux-${architecture}`, version: node}, ...managers].map(download => ({registry: 'npm', ...download})),
    install: [
      'run=/out/run/node build=/out/build/node',
      'mkdir -p "$run/bin" "$build"',
      'tar -xzf /downloads/0.tgz --strip-components=1 -C "$run" package/bin/node package/LICENSE',
      'tar -xzf /downloads/0.tgz --strip-components=1 -C "$build" package/include',
      'chmod 0755 "$run/bin/node"',
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
