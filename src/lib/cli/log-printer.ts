import {parseLogLine} from './formats/log-entry.js'
import {colorizeLogLine} from './formats/log-line.js'
import {logPaint} from './log-paint.js'

/** How lines of a log are written to stdout: as they are, in colour, or each as a JSON object. */
export async function logPrinter(
  stdout: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  {json, forced}: {json: boolean; forced: boolean},
): Promise<(lines: string[]) => string[]> {
  if (json) return lines => lines.flatMap(line => parseLogLine(line) ?? []).map(entry => JSON.stringify(entry))
  const paint = await logPaint(stdout, env, {forced})
  return paint === undefined ? lines => lines : lines => lines.map(line => colorizeLogLine(line, paint))
}
