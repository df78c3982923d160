import {createWriteStream, existsSync} from 'node:fs'
import {rename, rm} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {string as argument} from '@oclif/core/args'
import {option} from '@oclif/core/flags'
import {keysToSeal, sealFlags} from '../../lib/cli/backup-keys.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {transferSize} from '../../lib/cli/formats/transfers.js'
import {sealBackup} from '../../lib/client/sealed-backup.js'
import {backedUpImages} from '../../lib/schema/platform-backup.js'

export default class RuntimeBackup extends BaseCommand {
  static override description = `back up everything: apps, config, releases, add-ons with their data, keys
One encrypted file (age), from which runtime:restore makes the same platform on this machine or another one. Apps go on; connections to an
add-on wait while its data is read.`
  static override examples = [
    '<%= config.bin %> runtime:backup monday.age',
    '<%= config.bin %> runtime:backup --recipient age1… - | ssh backups "cat > hokku.age"',
  ]
  static override args = {file: argument({description: 'file to write, hokku-DATE.age by default; - is stdout'})}
  static override flags = {
    ...sealFlags,
    images: option({
      description: 'which images go along: those that apps run (slugs), those of add-ons and router too (all), or none',
      options: backedUpImages,
      default: 'slugs' as const,
    })(),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RuntimeBackup)
    const file = args.file ?? `hokku-${new Date().toISOString().replace(/[-:]|\..*/g, '')}.${flags.plain ? 'tar.gz' : 'age'}`
    if (file !== '-' && existsSync(file))
      throw new CommandError(`${file} exists already. Remove it, or name another file.`, {id: 'file_exists'})
    const keys = await keysToSeal(this.ui, flags)
    const platform = await this.connect()
    if (keys === undefined) this.ui.warn(`${file === '-' ? 'What is written' : file} will hold every secret of your apps in the clear.`)
    await this.ui.action(
      `Backing up to ${this.ui.err.name(file === '-' ? 'stdout' : file)}`,
      async () => {
        const tar = await platform.runtime.backup({images: flags.images})
        return await this.write(await sealBackup(tar, keys), file)
      },
      bytes => `done, ${transferSize(bytes)}`,
    )
  }

  /** The file is there whole or not at all. Returns its bytes. */
  private async write(content: Readable, file: string): Promise<number> {
    const partial = `${file}.partial`
    const target = file === '-' ? this.ui.options.stdout : createWriteStream(partial, {mode: 0o600, flush: true})
    let bytes = 0
    content.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    try {
      await pipeline(content, target, {end: file !== '-'})
      if (file !== '-') await rename(partial, file)
      return bytes
    } catch (error) {
      throw new CommandError(`The backup broke off: ${(error as Error).message}.`, {
        id: 'backup_failed',
        suggestions: ['hokku runtime:logs'],
      })
    } finally {
      await rm(partial, {force: true})
    }
  }
}
