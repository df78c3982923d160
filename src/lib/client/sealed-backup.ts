import {createReadStream} from 'node:fs'
import {open} from 'node:fs/promises'
import {Readable, type Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {ReadableStream} from 'node:stream/web'
import {createGunzip, createGzip} from 'node:zlib'
import {PlatformError} from '../schema/errors.js'

/** Who may open a backup: whoever knows the passphrase, or has the identity (private key) of a recipient, as `age` has them. */
export type BackupKeys = {passphrase: string} | {recipients: string[]}

/** Packs (gzip), and encrypts if there are keys, in the format of age-encryption.org/v1, which the `age` tool opens as well. Throws invalid_params for what is no recipient. */
export async function sealBackup(tar: Readable, keys: BackupKeys | undefined): Promise<Readable> {
  const packed = chained(tar, createGzip({level: 1}))
  if (keys === undefined) return packed
  const {Encrypter} = await import('age-encryption')
  const encrypter = new Encrypter()
  if ('passphrase' in keys) encrypter.setPassphrase(keys.passphrase)
  else
    for (const recipient of keys.recipients) {
      try {
        encrypter.addRecipient(recipient)
      } catch (cause) {
        throw new PlatformError('invalid_params', `${recipient} is no recipient of age (age1…): ${(cause as Error).message}`, {cause})
      }
    }
  return toNode(await encrypter.encrypt(toWeb(packed)))
}

/** Whether a file is encrypted. */
export async function isSealed(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('latin1', 0, bytesRead).startsWith('age-encryption.org/')
  } finally {
    await file.close()
  }
}

/** The tar in a file. Throws invalid_params when what is given does not open it; the stream ends with an error when it is damaged. */
export async function openBackup(path: string, key: OpeningKey | undefined): Promise<Readable> {
  const file = createReadStream(path)
  return chained(key === undefined ? file : await decrypted(path, file, key), createGunzip())
}

export type OpeningKey = {passphrase: string} | {identities: string[]}

async function decrypted(path: string, file: Readable, key: OpeningKey): Promise<Readable> {
  const {Decrypter} = await import('age-encryption')
  const decrypter = new Decrypter()
  const what = 'passphrase' in key ? 'The passphrase' : 'The identity'
  try {
    if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
    else for (const identity of key.identities) decrypter.addIdentity(identity)
    return toNode(await decrypter.decrypt(toWeb(file)))
  } catch (cause) {
    throw new PlatformError('invalid_params', `${what} does not open ${path}: ${(cause as Error).message}`, {cause})
  }
}

/** One stream through another; an error of the first is one of the second. */
function chained(source: Readable, through: Transform): Transform {
  pipeline(source, through).catch(() => undefined)
  return through
}

const toWeb = (stream: Readable) => Readable.toWeb(stream) as globalThis.ReadableStream<Uint8Array>
const toNode = (stream: globalThis.ReadableStream<Uint8Array>): Readable => Readable.fromWeb(stream as ReadableStream)
