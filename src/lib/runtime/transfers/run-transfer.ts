import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {Session} from '../../engine/engine.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from '../addons/addons.js'
import type {Addons} from '../addons/create-addons.js'
import type {SealedFiles} from '../support/sealed-files.js'
import type {BackupFiles, BackupStores} from './backup-stores.js'
import type {TransferRecord} from './transfer-table.js'

export interface TransferWork {
  addons: Pick<Addons, 'catalogue' | 'openSession'>
  /** For dumps on their way, and the home's own folder of backups. */
  files: SealedFiles
  stores: BackupStores
  /** A dump from elsewhere. Throws when it cannot be had. */
  download(url: string, signal: AbortSignal): Promise<Readable>
}

/** What a transfer tells while it goes on. */
export interface TransferEvents {
  /** Bytes of the dump so far. */
  bytes(count: number): void
  line(message: string): void
}

export interface TransferOptions {
  events: TransferEvents
  signal: AbortSignal
}

/** Whether an add-on's service can be backed up. */
export function canTransfer({catalogue}: Pick<Addons, 'catalogue'>, addon: AddonRecord): boolean {
  return catalogue.service(addon.service).manifest.local.commands.transfer !== undefined
}

/** Dumps a database into a file that does not count yet. Throws with what the service's tool said. */
export async function dump(work: TransferWork, addon: AddonRecord, id: string, how: TransferOptions & {into: BackupFiles}): Promise<void> {
  const {events, signal, into} = how
  const session = await open(work, addon, ['backup', id])
  session.stream.end()
  const doing = async (): Promise<number> => {
    await into.write(id, session.stream, {onBytes: events.bytes, signal})
    return await session.ended
  }
  const code = await endedInside(work, addon, id, {signal, doing})
  const said = (await ask(work, addon, ['log', id])).trim()
  if (said !== '') for (const line of said.split('\n')) events.line(line)
  if (code !== 0) throw new PlatformError('service_unavailable', `The dump of ${addon.name} ended with exit code ${code}.`)
}

/**
 * Puts a dump of so many bytes in the place of a database's data, or of one to verify beside it, for a test; resolves with the number of
 * warnings. When it fails it throws, and the data is as it was.
 */
export async function load(
  work: TransferWork,
  addon: AddonRecord,
  {id, kind, extensions}: Pick<TransferRecord, 'id' | 'kind' | 'extensions'>,
  {from, bytes, events, signal}: TransferOptions & {from: Readable; bytes: number},
): Promise<number> {
  const session = await open(work, addon, [kind === 'verify' ? 'verify' : 'restore', id, String(bytes), extensions.join(',')])
  let warnings = 0
  const heard = eachLine(session.stream, line => {
    const counted = /^Warnings: (\d+)$/.exec(line)
    if (counted === null) events.line(line)
    else warnings = Number(counted[1])
  })
  const doing = async (): Promise<number> => {
    await Promise.all([pipeline(from, session.stream, {signal}), heard])
    return await session.ended
  }
  const code = await endedInside(work, addon, id, {signal, doing})
  if (code === 0) return warnings
  if (kind === 'verify') throw new PlatformError('service_unavailable', `The backup could not be restored: exit code ${code}.`)
  throw new PlatformError('service_unavailable', `The restore of ${addon.name} ended with exit code ${code}. Its data is as it was.`)
}

/** Ends what an earlier runtime, or a canceled transfer, left at work inside. Whether the data was replaced by then. */
export async function stopInside(work: TransferWork, addon: AddonRecord, id: string): Promise<boolean> {
  return (await ask(work, addon, ['cancel', id])).includes('Restored')
}

/** Bytes that the data takes; 0 when the service does not say. */
export async function sizeOf(work: TransferWork, addon: AddonRecord): Promise<number> {
  return Number(await ask(work, addon, ['size'])) || 0
}

async function open({addons}: TransferWork, addon: AddonRecord, args: string[]): Promise<Session> {
  const command = addons.catalogue.service(addon.service).manifest.local.commands.transfer
  if (command === undefined) throw new PlatformError('invalid_params', `${addon.service} has no backups.`)
  return await addons.openSession(addon, {command: [...command, ...args], tty: undefined})
}

async function ask(work: TransferWork, addon: AddonRecord, args: string[]): Promise<string> {
  const session = await open(work, addon, args)
  session.stream.end()
  const lines: string[] = []
  await eachLine(session.stream, line => void lines.push(line))
  const code = await session.ended
  if (code !== 0) throw new PlatformError('service_unavailable', `${addon.name} answered: ${lines.join(' ') || `exit code ${code}`}`)
  return lines.join('\n')
}

/** Does work that an abort, or a failure on this side, ends inside of the server too: a tool whose reader is gone would wait without end. */
async function endedInside(
  work: TransferWork,
  addon: AddonRecord,
  id: string,
  {signal, doing}: {signal: AbortSignal; doing: () => Promise<number>},
): Promise<number> {
  const stop = (): Promise<unknown> => stopInside(work, addon, id).catch(() => undefined)
  const onAbort = (): void => void stop()
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    return await doing()
  } catch (error) {
    if (!signal.aborted) await stop()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    signal.throwIfAborted()
  }
}

async function eachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = ''
  // A chunk may end within a letter.
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines) take(line)
  }
  if (rest !== '') take(rest)
}
