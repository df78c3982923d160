import type {BuildRequest, Engine} from '../../engine/engine.js'
import {indented} from './build-output.js'

const keptLines = 20

/**
 * Builds an image whose output nobody needs unless it fails: then its last lines are printed before the error goes on. `steps` prints
 * the beginning of each command, for whoever waits.
 */
export async function quietBuild(
  engine: Engine,
  request: Omit<BuildRequest, 'onProgress'>,
  onLine: (line: string) => void,
  show: 'steps' | 'nothing' = 'nothing',
): Promise<void> {
  const said: string[] = []
  const onProgress: BuildRequest['onProgress'] = progress => {
    const command = progress.type === 'started' && show === 'steps' ? /\] RUN (.*)/.exec(progress.name)?.[1] : undefined
    if (command !== undefined) onLine(indented(`  ${command.replace(/\s+/g, ' ').slice(0, 60)}…`))
    if (progress.type === 'output' && said.push(indented(progress.line)) > keptLines) said.shift()
  }
  try {
    await engine.build({...request, onProgress})
  } catch (error) {
    for (const line of said) onLine(line)
    throw error
  }
}
