import type {ObservedContainer} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import {catchUp} from '../catch-up.js'
import {background, type DynoContext} from '../context.js'
import {endOf} from '../lifecycle/exit.js'
import type {AdoptedEnd, LiveDyno} from '../live-dynos.js'
import {complete, hangUp, limitLife} from './ending.js'

/** A one-off dyno of before the runtime started runs on to its end; one that had a client has lost it. */
export function adoptOneOff(context: DynoContext, dyno: LiveDyno, container: ObservedContainer): void {
  dyno.state = 'up'
  background(context, `reading ${dyno.container}`, takeUpOutput(context, dyno, container))
  if (container.labels[label.oneOff] === 'attached' && container.state === 'running')
    background(context, `hanging up ${dyno.container}`, hangUp(context, dyno))
  const expires = new Date(container.labels[label.expires] ?? 0).getTime() - context.clock.now().getTime()
  background(context, `limiting ${dyno.container}`, limitLife(context, dyno, Math.min(Math.max(expires, 0), longestLifeMs)))
  const run = untilItsEnd(context, dyno, container.id)
  background(context, `running ${dyno.container}`, run)
  if (dyno.type === 'release' || dyno.type === 'scheduler') context.live.adoptRun(dyno, run)
}

/** What is not for the log is read all the same: a dyno that nobody reads is blocked in the end. */
async function takeUpOutput(context: DynoContext, dyno: LiveDyno, container: ObservedContainer): Promise<void> {
  if (container.labels[label.oneOff] === 'detached') return await catchUp(context, dyno, container)
  const drain = (chunk: unknown): void => {
    if (chunk === undefined) dyno.outputEnded.resolve()
  }
  if (container.state === 'running') await context.engine.attach(container.id, drain, context.signal)
  else dyno.outputEnded.resolve()
}

async function untilItsEnd(context: DynoContext, dyno: LiveDyno, id: string): Promise<AdoptedEnd> {
  const {code} = await endOf(context, id)
  const output = dyno.type === 'release' ? await copyOf(context, id) : Buffer.alloc(0)
  await complete(context, dyno, {code})
  return {code, output}
}

/** All that the engine has of its output, from the beginning; the newest part when that is a lot. */
async function copyOf(context: DynoContext, id: string): Promise<Buffer> {
  const lines: Buffer[] = []
  let bytes = 0
  try {
    for await (const {line} of context.engine.output(id, new Date(0))) {
      lines.push(line, newline)
      bytes += line.length + 1
      while (bytes > mostCopied) bytes -= lines.shift()?.length ?? bytes
    }
  } catch (error) {
    context.log.error('output of a release command not copied', {container: id, error})
  }
  return Buffer.concat(lines)
}

/** A clock that was set back must not make it longer than any dyno lives. */
const longestLifeMs = 86_400_000
const newline = Buffer.from('\n')
const mostCopied = 16 * 1024 * 1024
