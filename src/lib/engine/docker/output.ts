import type {Engine} from '../engine.js'
import type {DockerApi} from './api.js'
import {frames} from './demux.js'
import {inspect} from './inspect.js'

type Line = {at: Date; stream: 'stdout' | 'stderr'; line: Buffer}

/** The engine's copy, read without follow: following loses lines when the driver rotates (engine-facts, Logs). */
export async function* dockerOutput(api: DockerApi, id: string, since: Date): ReturnType<Engine['output']> {
  const {Config} = await inspect(api, id)
  const stream = await api.stream({
    method: 'GET',
    path: `/containers/${id}/logs`,
    query: {stdout: 1, stderr: 1, timestamps: 1, since: (since.getTime() / 1000).toFixed(3)},
    doing: `read the output of the container ${id}`,
  })
  const open: {stdout?: Line; stderr?: Line} = {}
  for await (const {stream: name, data} of Config.Tty ? ttyLines(stream) : frames(stream)) {
    const line = joined(open[name], stamped(data, name))
    if (isPiece(data)) {
      open[name] = line
    } else {
      delete open[name]
      yield {...line, line: withoutNewline(line.line)}
    }
  }
  for (const line of [open.stdout, open.stderr]) if (line !== undefined) yield line
}

const newline = 10
const space = 32

/** The pieces in which Docker stores long lines; 20.10 gives the last one no newline either, it is only shorter. */
const pieceLength = 16_384

function isPiece(data: Buffer): boolean {
  return data[data.length - 1] !== newline && data.length - (data.indexOf(space) + 1) >= pieceLength
}

function withoutNewline(line: Buffer): Buffer {
  return line[line.length - 1] === newline ? line.subarray(0, -1) : line
}

/** `2026-11-22T11:01:31.123456789Z text`: ours are milliseconds, the rest is cut off. */
function stamped(data: Buffer, stream: Line['stream']): Line {
  const end = data.indexOf(space)
  const at = new Date(data.toString('latin1', 0, end).replace(/(\.\d{3})\d*/, '$1'))
  return {at, stream, line: data.subarray(end + 1)}
}

/** A long line is stored in pieces, each with a time; it was written when its first piece was. */
function joined(before: Line | undefined, next: Line): Line {
  return before === undefined ? next : {...before, line: Buffer.concat([before.line, next.line])}
}

async function* ttyLines(stream: AsyncIterable<Buffer>): AsyncGenerator<{stream: 'stdout'; data: Buffer}> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const data of stream) {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      yield {stream: 'stdout', data: rest.subarray(0, end + 1)}
      rest = rest.subarray(end + 1)
    }
  }
  if (rest.length > 0) yield {stream: 'stdout', data: rest}
}
