import {cut, cutPoint, maxMessageBytes} from './line-format.js'

/** Turns chunks of one stream's output (bytes as latin1) into lines; how the output was chunked makes no difference. */
export class LineSplitter {
  private rest = ''

  /** The lines that this chunk completes. Holds back at most 10,001 bytes. */
  push(bytes: string): string[] {
    const end = bytes.lastIndexOf('\n')
    if (end === -1) {
      this.rest += bytes
      return this.overlong()
    }
    const lines = (this.rest + bytes.slice(0, end)).split('\n')
    this.rest = bytes.slice(end + 1)
    const entries = lines.some(isSpecial) ? lines.flatMap(line => cut(withoutReturn(line))) : lines
    return this.rest.length > maxMessageBytes ? entries.concat(this.overlong()) : entries
  }

  /** The last line, when it had no newline. */
  end(): string[] {
    const {rest} = this
    this.rest = ''
    return rest === '' ? [] : cut(withoutReturn(rest))
  }

  /** One byte more than an entry is kept waiting: it may be the \r of a line's end. */
  private overlong(): string[] {
    const entries: string[] = []
    while (this.rest.length > maxMessageBytes + 1) {
      const at = cutPoint(this.rest)
      entries.push(this.rest.slice(0, at))
      this.rest = this.rest.slice(at)
    }
    return entries
  }
}

function isSpecial(line: string): boolean {
  return line.length > maxMessageBytes || line.charCodeAt(line.length - 1) === 13
}

export function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
