import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Config, Plugin} from '@oclif/core'
import {handle} from '@oclif/core/handle'
import {run} from '@oclif/core/run'
import {guardRunLine} from './lib/cli/run-line.js'

/** Runs the command line from source. A committed manifest would hide commands that are new, so it is not read. */
export async function executeFromSource(root: string, args: string[]): Promise<void> {
  try {
    await run(guardRunLine(args), await configFromSource(root))
  } catch (error) {
    await handle(error as Error)
  }
}

/** oclif's config with every command class of src/commands loaded. */
export async function configFromSource(root: string): Promise<Config> {
  const pjson = JSON.parse((await readFile(join(root, 'package.json'), 'utf8')).replaceAll('"./dist/', '"./src/'))
  const plugin = new Plugin({root, name: pjson.name, pjson, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true})
  await plugin.load()
  return Config.load({root, pjson, plugins: new Map([[plugin.name, plugin]])})
}
