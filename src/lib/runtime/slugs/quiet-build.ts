import type {BuildRequest, Engine} from '../../engine/engine.js'
import {indented} from './build-output.js'

const keptLines = 20

/**
 * Builds an image whose output nobody needs unless it fails: then the last lines of the step that failed are printed before the error
 * goes on. `steps` prints the beginning of each command, for whoever waits.
 */
export async function quietBuild(
  engine: Engine,
  request: Omit<BuildRequest, 'onProgress'>,
  onLine: (line: string) => void,
  show: 'steps' | 'nothing' = 'nothing',
): Promise<void> {
  const said = new Map<string, string[]>()
  let failed: string | undefined
  const onProgress: BuildRequest['onProgress'] = progress => {
    const command = progress.type === 'started' && show === 'steps' ? /\] RUN (.*)/.exec(progress.name)?.[1] : undefined
    if (command !== undefined) onLine(indented(`  ${command.replace(/\s+/g, ' ').slice(0, 60)}…`))
    if (progress.type === 'done' && progress.error !== undefined && !progress.error.includes('context canceled')) failed ??= progress.vertex
    if (progress.type !== 'output') return
    const lines = said.get(progress.vertex) ?? []
    said.set(progress.vertex, lines)
    if (lines.push(indented(progress.line)) > keptLines) lines.shift()
  }
  try {
    await engine.build({...request, onProgress})
  } catch (error) {
    // Steps run side by side: what the others said would only hide it.
    const last = (failed === undefined ? undefined : said.get(failed)) ?? [...said.values()].at(-1) ?? []
    for (const line of last) onLine(line)
    throw error
  }
}
