import type {Paint} from './formats/log-line.js'
import {type Output, wantsColour} from './palette.js'

/** How to colour log lines that go there; undefined when they are to stay as they are. */
export async function logPaint(output: Output, env: NodeJS.ProcessEnv, {forced}: {forced: boolean}): Promise<Paint | undefined> {
  if (!forced && !wantsColour(output, env)) return undefined
  const {Chalk} = await import('chalk')
  const chalk = new Chalk({level: 1})
  return (style, text) => chalk[style](text)
}
