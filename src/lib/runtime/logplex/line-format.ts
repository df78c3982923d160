/** Lines over this many bytes are cut into several entries (Heroku: 10,000). */
export const maxMessageBytes = 10_000

/** Bytes of a time such as `2026-11-22T11:11:31.967000+00:00`. */
export const stampLength = 32

/** Writes times as log lines have them; formats once per millisecond. */
export function stamper(): (at: Date) => string {
  let last = Number.NaN
  let text = ''
  return at => {
    const ms = at.getTime()
    if (ms !== last) {
      last = ms
      text = `${at.toISOString().slice(0, 23)}000+00:00`
    }
    return text
  }
}

/** Pieces of at most 10,000 bytes; a code point is never cut in two. */
export function cut(message: string): string[] {
  const pieces: string[] = []
  let rest = message
  while (rest.length > maxMessageBytes) {
    const at = cutPoint(rest)
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  pieces.push(rest)
  return pieces
}

/** Where to cut bytes that are longer than an entry may be. */
export function cutPoint(bytes: string): number {
  for (let at = maxMessageBytes; at > maxMessageBytes - 4; at -= 1) if ((bytes.charCodeAt(at) & 0xc0) !== 0x80) return at
  return maxMessageBytes
}

/** UTF-8 bytes of a text, one character a byte. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of UTF-8 bytes; what is not UTF-8 shows as U+FFFD. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Whether a message is one entry as it stands: printable ASCII, and not over the limit. */
export function isPlainMessage(message: string): boolean {
  return message.length <= maxMessageBytes && /^[ -~]*$/.test(message)
}

/** Whether bytes and text are the same. */
export function isAscii(bytes: string): boolean {
  return !/[^\x00-\x7f]/.test(bytes)
}

/** A name that fits between the brackets of `app[…]`, as bytes. */
export function toPs(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name
  return toBytes(name.replace(/[\s[\]\x00-\x1f\x7f]/g, '_'))
}

/** Whether this can be a line of ours; what a damaged file holds is not. */
export function isLine(line: string): boolean {
  return line.length > stampLength && line[10] === 'T' && line[26] === '+' && line[stampLength] === ' '
}
