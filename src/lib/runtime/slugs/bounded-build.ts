import {type BuildRequest, type Engine, EngineError, type ImageRef} from '../../engine/engine.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import type {BuildLimits} from './limits.js'
import {humanSize} from './messages.js'

/** The shell that a stage's RUNs use, as a plan's Dockerfile says it. */
export const stepShell = 'SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]'

/** The Dockerfile with steps that watch themselves: `step-shell` of the stack's build image (stacks/launch). */
export function guarded(dockerfile: string, {memory, processes, diskReserve}: BuildLimits): string {
  return dockerfile.replaceAll(stepShell, `SHELL ["/usr/local/bin/step-shell", "${memory}", "${processes}", "${diskReserve}"]`)
}

/**
 * Builds an image and stops it when it prints more than a build may. Throws RejectedSource with the reason, for a step as well that
 * its shell has stopped.
 */
export async function boundedBuild(engine: Engine, request: BuildRequest, limits: BuildLimits): Promise<ImageRef> {
  try {
    return await boundedOutput(engine, request, limits)
  } catch (error) {
    throw (error instanceof EngineError && stopped(error.exitCode, limits)) || error
  }
}

/** The same where steps have a shell of their own. */
export async function boundedOutput(engine: Engine, request: BuildRequest, limits: BuildLimits): Promise<ImageRef> {
  const excess = new AbortController()
  let printed = 0
  const onProgress: BuildRequest['onProgress'] = progress => {
    if (excess.signal.aborted) return
    if (progress.type !== 'output') return request.onProgress(progress)
    if (shellsOwn.test(progress.line)) return
    printed += progress.line.length + 1
    if (printed > limits.output) return excess.abort()
    request.onProgress({...progress, line: explained(progress.line)})
  }
  const signal = request.signal === undefined ? excess.signal : AbortSignal.any([request.signal, excess.signal])
  try {
    return await engine.build({...request, onProgress, signal})
  } catch (error) {
    if (excess.signal.aborted) throw new RejectedSource([`The build printed more than ${humanSize(limits.output)} and was stopped.`])
    throw error
  }
}

/** What bash says of the command that was killed; we say why. */
const shellsOwn = /^\/usr\/local\/bin\/step-shell: line \d+: +\d+ Killed/

/** BuildKit keeps a step that prints faster, or more, than it passes on from blocking; what it leaves out is lost. */
function explained(line: string): string {
  const limit = /^\[output clipped, log limit (\S+) reached\]$/.exec(line)?.[1]
  return limit === undefined ? line : `[Docker passes on no more than ${limit} of a step's output; what it prints now is not shown]`
}

/** Exit statuses of `step-shell`. */
function stopped(exitCode: number | undefined, {memory, processes, diskReserve}: BuildLimits): RejectedSource | undefined {
  const adjust = (variable: string, unit: string): string => `To allow more: ${variable}=${unit} hokku runtime:restart`
  if (exitCode === 201)
    return new RejectedSource([`A step used more than ${humanSize(memory)} of memory and was stopped.`, adjust('HOKKU_BUILD_MEMORY', 'MB')])
  if (exitCode === 202)
    return new RejectedSource([`A step ran more than ${processes} processes and was stopped.`, adjust('HOKKU_BUILD_PROCESSES', 'COUNT')])
  if (exitCode !== 203) return undefined
  return new RejectedSource([
    `A step filled the disk of the engine up to the last ${humanSize(diskReserve)} and was stopped.`,
    'To make room: hokku builds:prune',
  ])
}
