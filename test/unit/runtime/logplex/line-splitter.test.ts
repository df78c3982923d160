import {expect, test} from 'vitest'
import {toBytes, toText} from '../../../../src/lib/runtime/logplex/line-format.js'
import {LineSplitter} from '../../../../src/lib/runtime/logplex/line-splitter.js'
import {random} from './support.js'

function split(bytes: Buffer, sizes: () => number): string[] {
  const splitter = new LineSplitter()
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = sizes()
    lines.push(...splitter.push(bytes.subarray(at, at + size).toString('latin1')))
    at += size
  }
  return [...lines, ...splitter.end()]
}

function inOne(text: string): string[] {
  return split(Buffer.from(text), () => Number.MAX_SAFE_INTEGER).map(toText)
}

test('a line ends at \\n or \\r\\n, an empty line is a line, and the last one needs no newline', () => {
  expect(inOne('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c'])
  expect(inOne('a\n')).toEqual(['a'])
  expect(inOne('')).toEqual([])
})

test('control characters stay, a lone \\r too', () => {
  expect(inOne('10%\r20%\x1b[31m\0\n')).toEqual(['10%\r20%\x1b[31m\0'])
})

test('a line of 10,000 bytes is one entry, one byte more makes two', () => {
  const lengths = (bytes: number): number[] => inOne(`${'x'.repeat(bytes)}\r\n`).map(line => line.length)
  expect(lengths(10_000)).toEqual([10_000])
  expect(lengths(10_001)).toEqual([10_000, 1])
  expect(lengths(30_000)).toEqual([10_000, 10_000, 10_000])
})

test('a cut falls between code points', () => {
  const pieces = inOne(`x${'🌳'.repeat(5000)}\n`)
  expect(pieces.join('')).toBe(`x${'🌳'.repeat(5000)}`)
  expect(pieces.map(piece => Buffer.byteLength(piece))).toEqual([9997, 10_000, 4])
})

test('bytes that are no UTF-8 are kept as they are', () => {
  const bytes = Buffer.concat([Buffer.alloc(20_001, 0x80), Buffer.from('\n')])
  const lines = split(bytes, () => 7)
  expect(lines.join('')).toBe(bytes.toString('latin1').slice(0, -1))
  expect(lines.map(line => line.length)).toEqual([10_000, 10_000, 1])
})

test('a line as long as lines may be keeps its end, though the \\r and the \\n come apart', () => {
  const full = 'x'.repeat(10_000)
  expect(split(Buffer.from(`${full}\r\nb`), () => 10_001)).toEqual([full, 'b'])
})

test('the lines are the same however the output is chunked', () => {
  const rounds = Number(process.env['HOKKU_ROUNDS'] ?? 50)
  for (let seed = 1; seed <= rounds; seed += 1) {
    const below = random(seed)
    const alphabet = ['a', 'ß', '🌳', '\r', '\n', '\r\n', '\x00', toText('\x80'), 'x'.repeat(1 + below(11_000)), '€'.repeat(below(3400))]
    const text = Array.from({length: 1 + below(40)}, () => alphabet[below(alphabet.length)]).join('')
    const whole = split(Buffer.from(text), () => Number.MAX_SAFE_INTEGER)
    const largest = [1, 3, 100, 10_002, 70_000][seed % 5] as number
    expect(split(Buffer.from(text), () => 1 + below(largest))).toEqual(whole)
    expect(whole.every(line => line.length <= 10_000)).toBe(true)
    const kept = whole.map(toText).join('')
    expect(kept === text.replace(/\r?\n|\r$/g, ''), `seed ${seed}`).toBe(true)
    expect(toBytes(kept) === whole.join(''), `seed ${seed}`).toBe(true)
  }
})
