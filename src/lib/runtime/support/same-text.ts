import {createHash, timingSafeEqual} from 'node:crypto'

/** Whether two secrets are the same, in a time that tells nothing. Nothing is not a secret. */
export function sameText(a: string, b: string): boolean {
  if (a === '' || b === '') return false
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
