import type {IncomingMessage} from 'node:http'
import {type BuildRequest, EngineError, type ImageRef} from '../engine.js'
import {type DockerApi, jsonLines} from './api.js'
import {progressReader} from './build-progress.js'
import {openBuildSession} from './build-session.js'
import {engineError} from './errors.js'

interface BuildLine {
  id?: string
  aux?: string | {ID?: string}
  error?: string
}

/** BuildKit through `POST /build?version=2`. A session costs a connection, so it is opened only for secrets. */
export async function dockerBuild(api: DockerApi, request: BuildRequest, common: Record<string, string>): Promise<ImageRef> {
  const {signal, secrets = {}} = request
  if (isAborted(signal)) throw canceled()
  const session = Object.keys(secrets).length > 0 ? await openBuildSession(api, secrets) : undefined
  let response: IncomingMessage | undefined
  const abort = () => response?.destroy()
  signal?.addEventListener('abort', abort, {once: true})
  try {
    response = await api.stream(buildCall(request, common, session?.id))
    return await imageFrom(response, request)
  } catch (error) {
    throw isAborted(signal) ? canceled(error) : engineError(error, 'build the image')
  } finally {
    signal?.removeEventListener('abort', abort)
    response?.destroy()
    session?.close()
    request.context.destroy()
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function canceled(cause?: unknown): EngineError {
  return new EngineError('canceled', 'The build was canceled.', {cause})
}

function buildCall(request: BuildRequest, common: Record<string, string>, session: string | undefined): Parameters<DockerApi['stream']>[0] {
  const hosts = Object.entries(request.hosts ?? {}).map(([name, address]) => `${name}:${address}`)
  return {
    method: 'POST',
    path: '/build',
    query: {
      version: 2,
      t: request.tags,
      dockerfile: request.dockerfile ?? 'Dockerfile',
      target: request.target,
      buildargs: JSON.stringify(request.args ?? {}),
      labels: JSON.stringify({...common, ...request.labels}),
      // Docker keeps its networks apart, and a build can be in none of ours: from the host's all are reached.
      ...(hosts.length === 0 ? {} : {networkmode: 'host', extrahosts: hosts}),
      session,
    },
    headers: {'Content-Type': 'application/x-tar'},
    file: request.context,
    signal: request.signal,
    doing: 'build the image',
  }
}

async function imageFrom(response: IncomingMessage, request: BuildRequest): Promise<ImageRef> {
  const progress = progressReader(request.onProgress)
  let image: ImageRef | undefined
  for await (const {id, aux, error} of jsonLines<BuildLine>(response)) {
    if (error !== undefined) throw buildFailed(error, progress.failed()?.name)
    if (id === 'moby.buildkit.trace' && typeof aux === 'string') progress.read(aux)
    else if (typeof aux === 'object' && aux.ID !== undefined) image = aux.ID
  }
  if (image === undefined) throw new EngineError('failed', 'Docker ended the build without an image.')
  return image
}

/** 20.10 says `executor failed running [/bin/sh -c …]: exit code: 3`, newer engines `process "…" did not complete successfully: exit code: 3`. */
function buildFailed(said: string, step: string | undefined): EngineError {
  const where = step === undefined ? '' : ` at ${step}`
  if (/no space left on device/i.test(said)) return new EngineError('no_space', `The build ran out of disk space${where}: ${said}`)
  const exitCode = /exit code: (\d+)/.exec(said)?.[1]
  return new EngineError('build_failed', `The build failed${where}: ${said}`, exitCode === undefined ? {} : {exitCode: Number(exitCode)})
}
