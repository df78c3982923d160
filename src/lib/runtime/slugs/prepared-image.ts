import {type BuildRequest, type Engine, EngineError} from '../../engine/engine.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import {diagnosed} from './diagnosis.js'
import {quietBuild} from './quiet-build.js'

/** What all apps share could not be made: nothing of the app's has run. Its lines are for whoever pushes, like those of a source that asks too much. */
export class PreparationFailure extends RejectedSource {
  constructor(what: string, said: readonly string[]) {
    const {reason, next = []} = diagnosed(said) ?? {}
    super([
      reason === undefined ? `${what} could not be installed: the last lines above say why.` : `${what} could not be installed: ${reason}.`,
      ...(reason === undefined ? ['Does this machine have what builds need? hokku doctor'] : ['This is not about your app.', ...next]),
    ])
    this.name = 'PreparationFailure'
  }
}

interface Preparation {
  /** What it brings, at the beginning of a sentence: `The tools of Node`. */
  what: string
  onLine: (line: string) => void
  show?: 'steps' | 'nothing'
}

/** Builds an image that all apps share. Throws PreparationFailure when a step of it fails, after the step's last lines were printed. */
export async function preparedImage(
  engine: Engine,
  request: Omit<BuildRequest, 'onProgress'>,
  {what, onLine, show = 'nothing'}: Preparation,
): Promise<void> {
  const said: string[] = []
  const heard = (line: string): void => {
    said.push(line)
    onLine(line)
  }
  try {
    await quietBuild(engine, request, heard, show)
  } catch (error) {
    if (!(error instanceof EngineError) || !['build_failed', 'no_space'].includes(error.code)) throw error
    if (said.length === 0 || error.code === 'no_space') heard(`       ${error.message}`)
    throw new PreparationFailure(what, said)
  }
}
