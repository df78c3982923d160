import {boolean, integer} from '@oclif/core/flags'
import type {Platform} from '../client/platform.js'
import {poll} from '../client/poll.js'
import type {Transfer} from '../client/transfers.js'
import {CommandError} from './command-error.js'
import {isBackup, transferName} from './formats/transfers.js'
import type {Ui} from './ui.js'

/** The number in `b012`. Throws for what is no name of a transfer. */
export function transferNumber(name: string): number {
  const number = /^[abcrv]0*(\d+)$/.exec(name)?.[1]
  if (number === undefined) throw new CommandError(`Invalid Backup: ${name}`, {id: 'not_found', suggestions: ['hokku pg:backups']})
  return Number(number)
}

/** The backup of that name, or the last one that succeeded. Throws when there is none. */
export async function findBackup(platform: Platform, app: string, name: string | undefined): Promise<Transfer> {
  const backups = (await platform.transfers.list(app)).filter(isBackup)
  if (name === undefined) {
    const last = backups.filter(one => one.succeeded).sort((a, b) => b.num - a.num)[0]
    if (last !== undefined) return last
    throw noBackups(app)
  }
  const found = backups.find(one => transferName(one) === name)
  if (found === undefined)
    throw new CommandError(`Backup ${name} not found for ${app}`, {id: 'not_found', suggestions: [`hokku pg:backups --app ${app}`]})
  if (!found.succeeded)
    throw new CommandError(`Backup ${name} for ${app} did not complete successfully`, {
      id: 'backup_incomplete',
      suggestions: [`hokku pg:backups:info ${name} --app ${app}`],
    })
  return found
}

/** Number of the newest backup, whatever became of it. Throws when there is none. */
export async function lastBackup(platform: Platform, app: string): Promise<number> {
  const [newest] = (await platform.transfers.list(app)).filter(isBackup).sort((a, b) => b.num - a.num)
  if (newest === undefined) throw noBackups(app)
  return newest.num
}

export function noBackups(app: string): CommandError {
  return new CommandError(`No backups on ${app}. Capture one with hokku pg:backups:capture`, {
    id: 'not_found',
    suggestions: [`hokku pg:backups:capture --app ${app}`],
  })
}

/** How closely a transfer is followed: hand them to `followTransfer`. */
export const followFlags = {
  verbose: boolean({char: 'v', description: 'print its log as it comes'}),
  'wait-interval': integer({description: 'seconds between looks at its progress', default: 3, min: 1}),
}

/** That Ctrl-C ends the watching alone: `goesOn` is `the backup will continue running`, `look` a command, `stop` as in `Stop a running backup`. */
export function hintAtCtrlC(ui: Ui, {goesOn, look, stop}: {goesOn: string; look: string; stop: string}): void {
  ui.note('')
  ui.note(`Use Ctrl-C at any time to stop monitoring progress; ${goesOn}.`)
  ui.note(`Use ${look} to check progress.`)
  ui.note(`${stop} with hokku pg:backups:cancel.`)
  ui.note('')
}

/** Waits for the end of a transfer of that app; throws with the end of its log when it fails. `title`: `Backing up DATABASE to b001`. */
export async function followTransfer(
  ui: Ui,
  platform: Platform,
  transfer: Transfer,
  {title, app, flags}: {title: string; app: string; flags: {verbose: boolean; 'wait-interval': number}},
): Promise<Transfer> {
  let shown = 0
  const look = async (): Promise<Transfer> => {
    const now = await platform.transfers.get(app, transfer.uuid)
    const lines = now.logs ?? []
    if (flags.verbose) for (const {created_at, message} of lines.slice(shown)) ui.note(`${created_at} ${message}`)
    shown = lines.length
    return now
  }
  const over = (now: Transfer): boolean => now.finished_at !== null
  return await ui.action(title, async () => succeeded(await poll(look, over, flags['wait-interval']), app))
}

function succeeded(transfer: Transfer, app: string): Transfer {
  if (transfer.succeeded) return transfer
  const last = (transfer.logs ?? []).slice(-5).map(line => line.message)
  const name = transferName(transfer)
  const kind = isBackup(transfer) ? 'backup' : 'transfer'
  throw new CommandError(`An error occurred and the ${kind} did not finish.\n\n${last.join('\n')}`, {
    id: 'transfer_failed',
    suggestions: [`hokku pg:backups:info ${name} --app ${app}`],
  })
}
