import type {ObservedContainer, OutputChunk} from '../../engine/engine.js'
import {type CopiedLine, cursorAfter, linesAfter} from '../logplex/cursor.js'
import type {OutputCursor, OutputWriter} from '../logplex/logplex.js'
import type {DynoContext} from './context.js'
import type {LiveDyno} from './live-dynos.js'

type CopiedOutput = CopiedLine & {stream: 'stdout' | 'stderr'}

/** How much new output may wait in memory while the engine's copy is read, in bytes; then it is written as it comes. */
const mostHeld = 16 * 1024 * 1024

/**
 * Attaches to the output of a dyno that ran on without us and fetches from the engine's copy what was written meanwhile. New output
 * is held until the copy has been written, and lines that are in both are written once.
 */
export async function catchUp(context: DynoContext, dyno: LiveDyno, container: ObservedContainer): Promise<void> {
  const writer = context.logplex.output(dyno.appId, dyno.name, dyno.id)
  const held = new HeldOutput(
    writer,
    () => dyno.outputEnded.resolve(),
    () => context.clock.now(),
  )
  try {
    if (container.state === 'running') await context.engine.attach(container.id, chunk => held.push(chunk), context.signal)
    const copied = await allMissed(context, dyno, container, held)
    for (const {stream, line, at} of copied) writer.write(stream, Buffer.concat([line, newline]), at)
    held.release(copied)
  } catch (error) {
    held.release([])
    throw error
  } finally {
    if (container.state !== 'running') {
      writer.end()
      dyno.outputEnded.resolve()
    }
  }
}

/** How long the copy and what comes live are given to meet, in ms: more and more, since most dynos are silent. */
const pauses = [20, 50, 200, 750]

/**
 * The engine passes output on before it writes its copy, and what it passes on takes a while to arrive. So what a dyno said just before we
 * attached may not be in the copy yet, and never come otherwise; and the copy may have what is still to come. They have met when each has a
 * line of the other.
 */
async function allMissed(context: DynoContext, dyno: LiveDyno, container: ObservedContainer, held: HeldOutput): Promise<CopiedOutput[]> {
  const attachedAt = context.clock.now()
  let copied = await missed(context, container, context.logplex.cursor(dyno.id))
  for (const pause of container.state === 'running' ? pauses : []) {
    const stands = held.standsTo(copied, attachedAt)
    if (stands === 'met') break
    await context.clock.sleep(pause, context.signal)
    // Of a copy that is ahead nothing is missing, and reading it again would only bring more that is still to come.
    if (stands !== 'ahead')
      copied = [...copied, ...(await missed(context, container, cursorAfter(copied) ?? context.logplex.cursor(dyno.id)))]
  }
  return copied
}

async function missed(context: DynoContext, container: ObservedContainer, cursor: OutputCursor | undefined): Promise<CopiedOutput[]> {
  const copy: CopiedOutput[] = []
  for await (const line of context.engine.output(container.id, cursor?.at ?? container.createdAt)) copy.push(line)
  return linesAfter(cursor, copy)
}

const newline = Buffer.from('\n')

/** Output that arrives before its turn. */
class HeldOutput {
  private held: (OutputChunk & {at: Date})[] | undefined = []
  private bytes = 0
  private ended = false

  constructor(
    private readonly writer: OutputWriter,
    private readonly onEnd: () => void,
    private readonly now: () => Date,
  ) {}

  push(chunk: OutputChunk | undefined): void {
    if (chunk === undefined) this.end()
    else if (this.held === undefined) this.writer.write(chunk.stream, chunk.data)
    else this.hold(this.held, chunk)
  }

  /** How the copy stands to what came live since `attachedAt`: it has not come so far, or farther; or nobody has said anything. */
  standsTo(copied: CopiedOutput[], attachedAt: Date): Standing {
    const {held} = this
    if (held === undefined) return 'met'
    const all = (['stdout', 'stderr'] as const).map(stream =>
      standing(
        held.filter(chunk => chunk.stream === stream),
        copied.filter(line => line.stream === stream),
        attachedAt,
      ),
    )
    return (['behind', 'ahead', 'met'] as const).find(one => all.includes(one)) ?? 'silent'
  }

  /** Writes what was held, without the lines that `copied` has already, stream by stream. */
  release(copied: CopiedOutput[]): void {
    const held = this.held ?? []
    this.held = undefined
    for (const stream of ['stdout', 'stderr'] as const) {
      const mine = held.filter(chunk => chunk.stream === stream)
      const at = mine[0]?.at
      if (at === undefined) continue
      const rest = withoutCopied(
        Buffer.concat(mine.map(chunk => chunk.data)),
        copied.filter(line => line.stream === stream),
        at,
      )
      if (rest.length > 0) this.writer.write(stream, rest, at)
    }
    if (this.ended) this.finish()
  }

  private hold(held: (OutputChunk & {at: Date})[], chunk: OutputChunk): void {
    held.push({...chunk, at: this.now()})
    this.bytes += chunk.data.length
    if (this.bytes > mostHeld) this.release([])
  }

  private end(): void {
    this.ended = true
    if (this.held === undefined) this.finish()
  }

  private finish(): void {
    this.writer.end()
    this.onEnd()
  }
}

type Standing = 'behind' | 'ahead' | 'met' | 'silent'

/** Of one stream. */
function standing(held: (OutputChunk & {at: Date})[], copied: CopiedOutput[], attachedAt: Date): Standing {
  const at = held[0]?.at ?? attachedAt
  const recent = copied.filter(line => isRecent(line, at))
  const lines = splitLines(Buffer.concat(held.map(chunk => chunk.data)), at)
  const last = recent.at(-1)
  if (lines.length === 0) return last === undefined ? 'silent' : 'ahead'
  if (last === undefined || !lines.slice(0, 10).some(({line}) => recent.some(one => line.equals(one.line)))) return 'behind'
  return lines.some(({line}) => line.equals(last.line)) ? 'met' : 'ahead'
}

function withoutCopied(data: Buffer, copied: CopiedOutput[], at: Date): Buffer {
  const cursor = cursorAfter(copied.filter(line => isRecent(line, at)))
  if (cursor === undefined) return data
  const lines = splitLines(data, at)
  const fresh = linesAfter(cursor, lines)
  return data.subarray(data.length - fresh.reduce((sum, line) => sum + line.size, 0))
}

/** The attached reader's first line is at most two seconds older in the engine's copy. */
const isRecent = (copied: CopiedLine, first: Date): boolean => copied.at.getTime() >= first.getTime() - 2000

/** Lines without their newline; `size` is with it. The last one may have none. */
function splitLines(data: Buffer, at: Date): (CopiedLine & {size: number})[] {
  const lines: (CopiedLine & {size: number})[] = []
  for (let from = 0; from < data.length; ) {
    const newlineAt = data.indexOf(10, from)
    const to = newlineAt === -1 ? data.length : newlineAt
    const next = Math.min(to + 1, data.length)
    lines.push({line: data.subarray(from, to), at, size: next - from})
    from = next
  }
  return lines
}
