import {createWriteStream} from 'node:fs'
import {rm} from 'node:fs/promises'
import {basename} from 'node:path'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'

export default class PsCopy extends BaseCommand {
  static override description = `copy a file from a dyno to the local filesystem
A path that does not begin with / is one in the dyno's home, /app. Nothing is overwritten, and nothing runs in the dyno.`
  static override examples = [
    '<%= config.bin %> ps:copy heap.prof --app demo',
    '<%= config.bin %> ps:copy /tmp/report.csv --dyno worker.1 --output today.csv --app demo',
  ]
  static override args = {file: stringArg({description: 'file to copy from dyno to local', required: true})}
  static override flags = {
    ...appFlags,
    dyno: string({char: 'd', description: 'the dyno to copy from', default: 'web.1'}),
    output: string({char: 'o', description: 'the name of the output file'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PsCopy)
    const to = flags.output ?? basename(args.file)
    const {platform, app} = await this.target(flags)
    await this.ui.action(`Copying ${this.ui.err.name(args.file)} to ${this.ui.err.name(to)}`, async () =>
      save(await platform.dynos.file(app, flags.dyno, args.file), to),
    )
  }
}

/** A new file, whole or not at all. */
async function save(content: Readable, to: string): Promise<void> {
  const file = createWriteStream(to, {flags: 'wx'})
  try {
    await pipeline(content, file)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new CommandError(`The local file ${to} already exists`)
    if (file.pending === false) await rm(to, {force: true})
    if (code === 'ENOENT' || code === 'EACCES')
      throw new CommandError(`The local file ${to} cannot be written: ${(error as Error).message}`)
    throw error
  }
}
