import {readdir} from 'node:fs/promises'
import {resolve, sep} from 'node:path'
import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {tarballWith} from '../../lib/cli/source-tarball.js'
import type {InstalledService} from '../../lib/schema/installed-service.js'

export default class AddonsInstall extends BaseCommand {
  static override description = `install an add-on service from a folder with an addon-manifest.json and a Dockerfile
Installing it again replaces it: its add-ons get the new image and keep their data. docs/addons.md tells how to write one.`
  static override examples = ['<%= config.bin %> addons:install ./valkey', '<%= config.bin %> addons:create valkey --app demo']
  static override enableJsonFlag = true
  static override args = {folder: argument({required: true, description: 'folder of the service'})}
  static override flags = {...jsonFlags}

  async run(): Promise<InstalledService> {
    const {args} = await this.parse(AddonsInstall)
    const folder = resolve(args.folder)
    const files = await filesOf(folder)
    const platform = await this.connect()
    const installed = await this.ui.action(
      `Installing ${this.ui.err.name(args.folder)}`,
      async () => platform.addonServices.install(await tarballWith(folder, files)),
      one => `done, ${this.ui.err.name(one.name)} with ${one.plans.length} ${one.plans.length === 1 ? 'plan' : 'plans'}`,
    )
    if (!this.jsonEnabled())
      this.ui.log(`Run ${this.ui.out.command(`${this.config.bin} addons:create ${installed.plans[0]}`)} to make an add-on.`)
    return installed
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
