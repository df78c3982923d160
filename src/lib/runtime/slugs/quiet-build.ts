import type {BuildRequest, Engine} from '../../engine/engine.js'
import {indented} from './build-output.js'

const keptLines = 20

/** Builds an image whose output nobody needs unless it fails: then its last lines are printed before the error goes on. */
export async function quietBuild(engine: Engine, request: Omit<BuildRequest, 'onProgress'>, onLine: (line: string) => void): Promise<void> {
  const said: string[] = []
  const onProgress: BuildRequest['onProgress'] = progress => {
    if (progress.type === 'output' && said.push(indented(progress.line)) > keptLines) said.shift()
  }
  try {
    await engine.build({...request, onProgress})
  } catch (error) {
    for (const line of said) onLine(line)
    throw error
  }
}
