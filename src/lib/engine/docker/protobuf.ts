import {Buffer} from 'node:buffer'

/** One field of a protobuf message: a number for varints, bytes for everything with a length. */
export interface Field {
  number: number
  value: number | Buffer
}

/** The fields of a message in order. Enough of the wire format for the few messages of BuildKit that we meet. */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('A protobuf message ends inside a number.')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType === 0) {
      yield {number, value: varint()}
      continue
    }
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : 4
    yield {number, value: message.subarray(at, at + length)}
    at += length
  }
}

/** A field with a length, for messages we send. */
export function bytesField(number: number, value: Buffer): Buffer {
  return Buffer.concat([varintOf(number * 8 + 2), varintOf(value.length), value])
}

export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varintOf(number * 8), varintOf(value)])
}

function varintOf(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}
