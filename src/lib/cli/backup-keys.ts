import {readFile} from 'node:fs/promises'
import {boolean, string} from '@oclif/core/flags'
import type {BackupKeys, OpeningKey} from '../client/sealed-backup.js'
import {CommandError, exitCodes} from './command-error.js'
import {askSecret, hasTerminal} from './prompts.js'
import type {Ui} from './ui.js'

const passphraseFile = string({description: 'file whose first line is the passphrase', helpValue: 'FILE'})

export const sealFlags = {
  'passphrase-file': passphraseFile,
  recipient: string({char: 'r', description: 'age recipient (age1…) who can open it, instead of a passphrase', multiple: true}),
  plain: boolean({description: 'do not encrypt: whoever reads the file has every secret of your apps'}),
}

export const openFlags = {
  'passphrase-file': passphraseFile,
  identity: string({char: 'i', description: 'file with age identities (AGE-SECRET-KEY-1…)', helpValue: 'FILE'}),
}

interface SealFlags {
  'passphrase-file'?: string | undefined
  recipient?: string[] | undefined
  plain?: boolean | undefined
}

/** Who may open a new backup; undefined: everybody. Asks for a passphrase at a terminal. Throws usage errors. */
export async function keysToSeal(ui: Ui, flags: SealFlags): Promise<BackupKeys | undefined> {
  const recipients = flags.recipient ?? []
  const given = [flags['passphrase-file'] !== undefined, recipients.length > 0, flags.plain === true].filter(Boolean).length
  if (given > 1) throw usage('Give only one of --passphrase-file, --recipient and --plain.')
  if (flags.plain) return undefined
  if (recipients.length > 0) return {recipients}
  if (flags['passphrase-file'] !== undefined) return {passphrase: await firstLine(flags['passphrase-file'])}
  if (!hasTerminal(ui)) throw usage('There is no terminal to ask for a passphrase: give --passphrase-file, --recipient or --plain.')
  const passphrase = await askSecret(ui, 'Passphrase for the backup:')
  if (passphrase === '') throw usage('The passphrase is empty. To write the backup in the clear: --plain')
  if ((await askSecret(ui, 'The same again:')) !== passphrase) throw usage('The two passphrases differ.')
  return {passphrase}
}

/** What opens a backup. Asks for a passphrase at a terminal. Throws usage errors. */
export async function keyToOpen(
  ui: Ui,
  flags: {'passphrase-file'?: string | undefined; identity?: string | undefined},
): Promise<OpeningKey> {
  if (flags.identity !== undefined) {
    const lines = (await textOf(flags.identity)).split('\n').map(line => line.trim())
    const identities = lines.filter(line => line !== '' && !line.startsWith('#'))
    if (identities.length === 0) throw usage(`${flags.identity} has no identity (AGE-SECRET-KEY-1…).`)
    return {identities}
  }
  if (flags['passphrase-file'] !== undefined) return {passphrase: await firstLine(flags['passphrase-file'])}
  if (!hasTerminal(ui)) throw usage('The backup is encrypted, and there is no terminal to ask at: give --passphrase-file or --identity.')
  return {passphrase: await askSecret(ui, 'Passphrase of the backup:')}
}

async function firstLine(path: string): Promise<string> {
  const [line = ''] = (await textOf(path)).split(/\r?\n/)
  if (line === '') throw usage(`The first line of ${path} is empty; it should be the passphrase.`)
  return line
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw usage(`${path} cannot be read: ${(error as Error).message}`)
  }
}

function usage(message: string): CommandError {
  return new CommandError(message, {id: 'invalid_flags', exit: exitCodes.usage})
}
