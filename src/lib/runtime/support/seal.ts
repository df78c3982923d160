import {createCipheriv, createDecipheriv, createHmac, randomBytes} from 'node:crypto'
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {PlatformError} from '../../schema/errors.js'

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

  /** A keyed digest (hex): tells whether two secrets are the same without telling what they are. */
  digest(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('hex')
  }
}

/** Reads the 32-byte key file, or makes it (0600) the first time. */
export function loadSeal(path: string): Seal {
  let key: Buffer
  try {
    key = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    key = randomBytes(32)
    writeFileSync(path, key, {mode: 0o600, flag: 'wx'})
  }
  chmodSync(path, 0o600)
  if (key.length !== 32) throw new PlatformError('internal_server_error', `${path} is not a key file of hokku (32 bytes).`)
  return new Seal(key)
}
