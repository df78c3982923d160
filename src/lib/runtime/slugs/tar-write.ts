export interface TarFile {
  path: string
  mode: number
  size: number
  /** Seconds since 1970. */
  modified?: number
  link?: string | undefined
}

/** Blocks of a tar: a header for one file, its content after it, padded. BuildKit's cache looks at neither times nor owners. */
export function tarHeader(file: TarFile): Buffer {
  const header = plainHeader(file, file.link === undefined ? '0' : '2')
  const records = [
    ...(Buffer.byteLength(file.path) > 100 ? [paxRecord('path', file.path)] : []),
    ...(Buffer.byteLength(file.link ?? '') > 100 ? [paxRecord('linkpath', file.link ?? '')] : []),
  ]
  if (records.length === 0) return header
  const content = Buffer.from(records.join(''))
  return Buffer.concat([plainHeader({path: 'pax', mode: 0o644, size: content.length}, 'x'), content, tarPadding(content.length), header])
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512)
}

export const tarEnd = Buffer.alloc(1024)

/** A whole tar of a few files in memory; mode 0644 unless it says otherwise. */
export function filesTar(files: {path: string; content: Buffer; mode?: number}[]): Buffer {
  const blocks = files.flatMap(({path, content, mode = 0o644}) => [
    tarHeader({path, mode, size: content.length}),
    content,
    tarPadding(content.length),
  ])
  return Buffer.concat([...blocks, tarEnd])
}

function plainHeader(file: TarFile, type: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(file.path.slice(0, 100), 0, 100)
  header.write(`${octal(file.mode, 7)}\0`, 100)
  header.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 108)
  header.write(`${octal(file.size, 11)}\0${octal(file.modified ?? 0, 11)}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write((file.link ?? '').slice(0, 100), 157, 100)
  header.write('ustar\x0000', 257)
  header.write(`${octal(checksum(header), 6)}\0 `, 148)
  return header
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function checksum(header: Buffer): number {
  let sum = 0
  for (const byte of header) sum += byte
  return sum
}

/** `<length> key=value\n`, where the length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}
