import {readdir, readFile, stat} from 'node:fs/promises'
import {basename, dirname, join, resolve, sep} from 'node:path'
import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {tarballWith} from '../../lib/cli/source-tarball.js'
import type {InstalledService} from '../../lib/schema/installed-service.js'
import {isPartnerManifest} from '../../lib/schema/partner-manifest.js'

export default class AddonsInstall extends BaseCommand {
  static override description =
    `install an add-on service from a folder with an addon-manifest.json and a Dockerfile, or a partner's from its manifest
A manifest with api/production is of a service that its partner runs, who is asked over HTTP as Heroku does. Installing a service again
replaces it: its add-ons get the new image and keep their data. docs/addons.md tells how to write one, docs/partners.md of partners.`
  static override examples = [
    '<%= config.bin %> addons:install ./valkey',
    '<%= config.bin %> addons:create valkey --app demo',
    '<%= config.bin %> addons:install ./addon-manifest.json',
  ]
  static override enableJsonFlag = true
  static override args = {folder: argument({required: true, description: 'folder of the service, or its addon-manifest.json'})}
  static override flags = {...jsonFlags}

  async run(): Promise<InstalledService> {
    const {args} = await this.parse(AddonsInstall)
    const {folder, files} = await serviceAt(resolve(args.folder))
    const platform = await this.connect()
    const installed = await this.ui.action(
      `Installing ${this.ui.err.name(args.folder)}`,
      async () => platform.addonServices.install(await tarballWith(folder, files)),
      one => `done, ${this.ui.err.name(one.name)} with ${one.plans.length} ${one.plans.length === 1 ? 'plan' : 'plans'}`,
    )
    if (this.jsonEnabled()) return installed
    if (installed.oauth_client_secret !== undefined)
      this.ui.log(`Its partner gets tokens for the Platform API with the client secret ${installed.oauth_client_secret}`)
    this.ui.log(`Run ${this.ui.out.command(`${this.config.bin} addons:create ${installed.plans[0]}`)} to make an add-on.`)
    return installed
  }
}

/** What belongs to a service: of a partner's nothing but its manifest, of which the whole program may lie beside it. */
async function serviceAt(path: string): Promise<{folder: string; files: string[]}> {
  const isManifest = basename(path) === 'addon-manifest.json' && (await stat(path).catch(() => undefined))?.isFile() === true
  const folder = isManifest ? dirname(path) : path
  const text = await readFile(join(folder, 'addon-manifest.json'), 'utf8').catch(() => '{}')
  return {folder, files: saysPartner(text) ? ['addon-manifest.json'] : await filesOf(folder)}
}

/** What is no JSON is the runtime's to complain about. */
function saysPartner(text: string): boolean {
  try {
    return isPartnerManifest(JSON.parse(text))
  } catch {
    return false
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === 'ENOTDIR' ? `${folder} is no folder.` : `There is no folder ${folder}.`, {id: 'file_error'})
  })
  const paths = entries.filter(entry => entry.isFile()).map(entry => resolve(entry.parentPath, entry.name).slice(folder.length + 1))
  const files = paths.map(path => path.split(sep).join('/')).filter(path => !path.startsWith('.git/'))
  if (files.includes('addon-manifest.json')) return files.sort()
  throw new CommandError(`${folder} has no addon-manifest.json. docs/addons.md tells what belongs into it.`, {id: 'file_error'})
}
