import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type BuildRequest, type Engine, EngineError, type ImageRef} from '../../engine/engine.js'
import {RejectedSource} from '../buildpacks/buildpack.js'
import type {BuildLimits} from './limits.js'
import {humanSize} from './messages.js'

/** The shell that a stage's RUNs use, as a plan's Dockerfile says it. */
export const stepShell = 'SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]'

/**
 * The Dockerfile with steps that are watched: their shell is `step-shell` (stacks/steps). It comes as a secret, so it is in no image and no
 * cache key: neither a change of it nor other limits make anything anew. An image without Perl, some CNB builder's, runs its steps unwatched.
 */
export function guarded(dockerfile: string): string {
  const watch = `[ ! -x /usr/bin/perl ] || exec /usr/bin/perl ${shellPath} "$0"; exec /bin/bash -e -o pipefail -c "$0"`
  return dockerfile
    .replaceAll(stepShell, () => `SHELL ${JSON.stringify(['/bin/bash', '-c', watch])}`)
    .replace(/^RUN /gm, `RUN ${shellMount} `)
}

const shellPath = '/run/hokku/step-shell'
export const shellMount = `--mount=type=secret,id=step-shell,target=${shellPath},mode=0444`

/** The secret that `guarded` steps mount. `root` is the package's. */
export async function stepShellSecret(root: string, limits: BuildLimits): Promise<Record<string, Buffer>> {
  const {memory, processes, output, diskReserve: disk} = limits
  const told = Object.entries({memory, processes, output, disk}).map(([name, value]) => `${name} ${value}\n`)
  return {
    'step-shell': Buffer.concat([await readFile(join(root, 'stacks', 'steps', 'step-shell')), Buffer.from(`__DATA__\n${told.join('')}`)]),
  }
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

/** BuildKit keeps a step that prints faster, or more, than it passes on from blocking; what it leaves out is lost. */
function explained(line: string): string {
  const limit = /^\[output clipped, log limit (\S+) reached\]$/.exec(line)?.[1]
  return limit === undefined ? line : `[Docker passes on no more than ${limit} of a step's output; what it prints now is not shown]`
}

/** Exit statuses of `step-shell`. */
function stopped(exitCode: number | undefined, {memory, processes, output, diskReserve}: BuildLimits): RejectedSource | undefined {
  const adjust = (variable: string, unit: string): string => `To allow more: ${variable}=${unit} hokku runtime:restart`
  if (exitCode === 201)
    return new RejectedSource([`A step used more than ${humanSize(memory)} of memory and was stopped.`, adjust('HOKKU_BUILD_MEMORY', 'MB')])
  if (exitCode === 202)
    return new RejectedSource([`A step ran more than ${processes} processes and was stopped.`, adjust('HOKKU_BUILD_PROCESSES', 'COUNT')])
  if (exitCode === 204)
    return new RejectedSource([`A step printed more than ${humanSize(output)} and was stopped.`, adjust('HOKKU_BUILD_OUTPUT', 'MB')])
  if (exitCode !== 203) return undefined
  return new RejectedSource([
    `A step filled the disk of the engine up to the last ${humanSize(diskReserve)} and was stopped.`,
    'To make room: hokku builds:prune',
  ])
}
