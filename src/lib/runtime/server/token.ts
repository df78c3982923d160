import {createHmac, randomBytes} from 'node:crypto'
import {chmodSync, readFileSync, renameSync, writeFileSync} from 'node:fs'

/** 192 bits, as `loadToken` makes them; a token of one's own must not be shorter than 32 characters. */
const strong = /^[\w-]{32,}$/

/** The bearer token of the TCP side, made once (0600). One that is empty or can be guessed, say of a file that was cut off, is made anew. */
export function loadToken(path: string): string {
  const found = readToken(path)
  if (found !== undefined && strong.test(found)) {
    chmodSync(path, 0o600)
    return found
  }
  const token = `HRKU-${randomBytes(24).toString('hex')}`
  writeFileSync(`${path}.new`, `${token}\n`, {mode: 0o600})
  renameSync(`${path}.new`, path)
  return token
}

/** Opens one output to whoever holds its URL: ids alone appear in lists, names of files and logs. 128 bits, hex. */
export function streamKey(token: string, outputId: string): string {
  return createHmac('sha256', token).update(`stream ${outputId}`).digest('hex').slice(0, 32)
}

/** Opens one backup until then (ms since 1970) to whoever holds its URL. 128 bits, hex. */
export function backupKey(token: string, transferId: string, expires: number): string {
  return createHmac('sha256', token).update(`backup ${transferId} ${expires}`).digest('hex').slice(0, 32)
}

function readToken(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
