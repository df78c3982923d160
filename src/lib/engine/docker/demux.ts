import {Buffer} from 'node:buffer'
import type {OutputChunk} from '../engine.js'

const stderrType = 2

/**
 * Takes Docker's multiplexed stream apart: 8 bytes of header (type, 0, 0, 0, length as uint32 BE), then the payload.
 * Neighbouring frames of one stream in one read are moved together, so that 100,000s of short lines per second cost
 * a call per read and not a call per line. No payload is held back, and none is copied out of the buffer it came in.
 */
export function demultiplexer(onChunk: (chunk: OutputChunk) => void): (data: Buffer) => void {
  const header = Buffer.alloc(8)
  let headerFill = 0
  let remaining = 0
  return data => {
    let runType = 0
    let runStart = 0
    let runEnd = 0
    let at = 0
    const flush = () => {
      if (runEnd > runStart) onChunk({stream: runType === stderrType ? 'stderr' : 'stdout', data: data.subarray(runStart, runEnd)})
      runStart = runEnd = 0
    }
    while (at < data.length) {
      if (remaining === 0) {
        const taken = Math.min(8 - headerFill, data.length - at)
        data.copy(header, headerFill, at, at + taken)
        headerFill += taken
        at += taken
        if (headerFill < 8) break
        headerFill = 0
        remaining = header.readUInt32BE(4)
        continue
      }
      const taken = Math.min(remaining, data.length - at)
      if (runEnd > runStart && runType === header[0]) {
        data.copyWithin(runEnd, at, at + taken)
        runEnd += taken
      } else {
        flush()
        runType = header[0] ?? 1
        runStart = at
        runEnd = at + taken
      }
      at += taken
      remaining -= taken
    }
    flush()
  }
}

/** The same stream frame by frame, for logs, where each frame is one stored piece with its own time. */
export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<OutputChunk> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const data of stream) {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    while (rest.length >= 8) {
      const end = 8 + rest.readUInt32BE(4)
      if (rest.length < end) break
      yield {stream: rest[0] === stderrType ? 'stderr' : 'stdout', data: rest.subarray(8, end)}
      rest = rest.subarray(end)
    }
  }
}
