import {createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes} from 'node:crypto'
import {chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync} from 'node:fs'
import {PlatformError} from '../../schema/errors.js'
import {readSetting, type Store, setting} from '../store/store.js'

/** Encrypts what must not be readable at rest: AES-256-GCM, `v1.<nonce>.<tag>.<text>` in base64url. */
export class Seal {
  constructor(private readonly key: Buffer) {}

  seal(text: string): string {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return ['v1', ...[nonce, cipher.getAuthTag(), sealed].map(part => part.toString('base64url'))].join('.')
  }

  open(sealed: string): string {
    const [version, nonce, tag, text] = sealed.split('.')
    if (version !== 'v1' || nonce === undefined || tag === undefined || text === undefined)
      throw new PlatformError('internal_server_error', 'A stored secret is not in a form this version knows.')
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, Buffer.from(nonce, 'base64url'))
      decipher.setAuthTag(Buffer.from(tag, 'base64url'))
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8')
    } catch (cause) {
      throw new PlatformError(
        'internal_server_error',
        'A stored secret cannot be opened: the key file is not the one it was sealed with.',
        {cause},
      )
    }
  }

  /** A key for one purpose alone: 32 bytes, always the same. */
  keyFor(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.key, '', purpose, 32))
  }

  /** A keyed digest (hex): tells whether two secrets are the same without telling what they are. */
  digest(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('hex')
  }
}

/**
 * Reads the 32-byte key file, or makes it (0600) for a store that has no secrets yet. Throws PlatformError when the key that the
 * store's secrets were sealed with is lost or another one lies there: a new one would only hide the loss.
 */
export function loadSeal(path: string, store: Store): Seal {
  const sealedWith = readSetting(store, checkKey)
  let key: Buffer
  try {
    key = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (sealedWith !== undefined) throw lost(`The key file ${path} is missing`)
    key = randomBytes(32)
    writeDurably(path, key)
  }
  chmodSync(path, 0o600)
  if (key.length !== 32) throw lost(`${path} is not a key file of hokku (32 bytes)`)
  const seal = new Seal(key)
  if (setting(store, checkKey, () => seal.digest(checkKey)) !== seal.digest(checkKey))
    throw lost(`${path} is not the key that this home's secrets were sealed with`)
  return seal
}

const checkKey = 'key.check'

/** On disk before anything is sealed with it: the store syncs what it writes, so must this. */
function writeDurably(path: string, key: Buffer): void {
  const fd = openSync(path, 'wx', 0o600)
  try {
    writeSync(fd, key)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function lost(what: string): PlatformError {
  return new PlatformError(
    'conflict',
    `${what}. Without it config vars and credentials cannot be read, so nothing was changed: put the key back from a backup of this home.`,
  )
}
