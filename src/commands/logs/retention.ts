import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {usageError} from '../../lib/cli/command-error.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {formatSize, parseSize} from '../../lib/cli/formats/size.js'
import {formatDuration, parseDuration} from '../../lib/cli/moment.js'
import type {LogRetention} from '../../lib/schema/log-retention.js'

export default class LogsRetention extends BaseCommand {
  static override description = `show or change how much of an app's log is kept
The oldest lines go first: those that are too much on disk, and those that are too old. What goes is gone for good.
Without flags the present setting is shown.`
  static override examples = [
    '<%= config.bin %> logs:retention --app demo',
    '<%= config.bin %> logs:retention --age 14d --size 256MB --app demo',
    '<%= config.bin %> logs:retention --default --app demo',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    age: string({description: 'keep lines for this long (from 1h; such as "14d"), or "any"'}),
    default: boolean({description: 'keep what is kept of every app', exclusive: ['age', 'size']}),
    size: string({description: 'keep this much on disk (from 1MB; such as "256MB")'}),
  }

  async run(): Promise<LogRetention> {
    const {flags} = await this.parse(LogsRetention)
    const changes = {...bytesOf(flags.size), ...ageOf(flags.age)}
    const {platform, app} = await this.target(flags)
    const {out, err} = this.ui
    if (flags.default)
      return await this.ui.action(`Resetting log retention of ${err.app(app)}`, () => platform.logRetention.reset(app), told)
    if (Object.keys(changes).length > 0)
      return await this.ui.action(`Changing log retention of ${err.app(app)}`, () => platform.logRetention.update(app, changes), told)
    const found = await platform.logRetention.info(app)
    if (this.jsonEnabled()) return found
    this.ui.header(`${out.app(app)} Log Retention`)
    this.ui.object({Size: formatSize(found.max_bytes), Age: ageText(found)})
    return found
  }
}

function bytesOf(size: string | undefined): Partial<LogRetention> {
  if (size === undefined) return {}
  const bytes = parseSize(size)
  if (bytes === undefined) throw usageError(`--size ${size}: not a size. Use a number and a unit, such as 256MB or 2GB.`)
  return {max_bytes: bytes}
}

function ageOf(age: string | undefined): Partial<LogRetention> {
  if (age === undefined) return {}
  if (age === 'any') return {max_age_seconds: null}
  const seconds = parseDuration(age)
  if (seconds === undefined) throw usageError(`--age ${age}: not an age. Use a number and a unit, such as 14d or 36h, or any.`)
  return {max_age_seconds: Math.round(seconds)}
}

const ageText = ({max_age_seconds: seconds}: LogRetention): string => (seconds === null ? 'any' : formatDuration(seconds))
const told = (retention: LogRetention): string => `done, ${formatSize(retention.max_bytes)}, age ${ageText(retention)}`
