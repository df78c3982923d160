import {RuntimeUnavailable} from '../client/errors.js'
import {PlatformError} from '../schema/errors.js'
import {CommandError, exitCodes} from './command-error.js'

/** What a command's error means to its user: what to print and how to exit. */
export interface Failure {
  exit: number
  id: string
  message: string
  /** Whether the id is shown as `Error ID: …`; only the platform's own are. */
  showId: boolean
  suggestions: string[]
}

interface Surroundings {
  /** Path of the runtime's log. */
  log: string
  platform: NodeJS.Platform
}

/** Decides the exit code and the words for any error a command can throw. */
export function failureOf(error: unknown, around: Surroundings): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const failure = {message, showId: false, suggestions: [] as string[]}
  if (error instanceof PlatformError) return platformFailure(error, around)
  if (error instanceof CommandError) return {...failure, exit: error.exit, id: error.id, suggestions: error.suggestions}
  if (error instanceof RuntimeUnavailable)
    return error.again
      ? {...failure, exit: exitCodes.tryAgain, id: 'runtime_unavailable', suggestions: [`again, and read ${error.log} if it stays so`]}
      : bug(`${message}`, around)
  const {name, code, oclif} = error as {name?: string; code?: string; oclif?: {exit?: number | false}}
  if (name === 'ExitPromptError' || name === 'AbortError') return {...failure, exit: exitCodes.interrupted, id: 'interrupted'}
  if (typeof oclif?.exit === 'number')
    return {...failure, exit: oclif.exit, id: oclif.exit === exitCodes.usage ? 'usage' : 'command_failed'}
  if (code !== undefined && connectionLost.has(code))
    return {...failure, exit: exitCodes.tryAgain, id: 'runtime_ended', ...runtimeEnded(around)}
  if (code === 'EACCES' || code === 'ENOENT') return {...failure, exit: exitCodes.failure, id: 'file_error'}
  return bug(message, around)
}

/** Of a connection to the runtime: it was killed, or had no room for one more. */
const connectionLost = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAGAIN'])

function runtimeEnded(around: Surroundings): Pick<Failure, 'message' | 'suggestions'> {
  return {
    message: 'The runtime ended before it answered. It may have done this or not; what it said it had done before is kept.',
    suggestions: [`look, then again if needed; ${around.log} may say why it ended`],
  }
}

function platformFailure(error: PlatformError, around: Surroundings): Failure {
  const failure = {id: error.id, message: error.message, showId: true, suggestions: [] as string[]}
  if (error.id === 'engine_unavailable')
    return {...failure, exit: exitCodes.noEngine, suggestions: [engineMend(error.message, around.platform)]}
  if (error.id === 'internal_server_error') return {...bug(error.message, around), id: error.id}
  if (error.id === 'service_unavailable' || error.id === 'rate_limit') return {...failure, exit: exitCodes.tryAgain}
  return {...failure, exit: exitCodes.failure}
}

function bug(message: string, around: Surroundings): Failure {
  return {
    exit: exitCodes.bug,
    id: 'internal_error',
    message: `${message}\nThis is a bug in hokku. The runtime's log may say more: ${around.log}`,
    showId: false,
    suggestions: [],
  }
}

/** The API has one id for every way of having no engine; the words tell which it is. */
function engineMend(message: string, platform: NodeJS.Platform): string {
  if (/may not talk to it/.test(message)) return 'sudo usermod -aG docker "$USER", then log out and in again (hokku doctor says more)'
  return / or newer is needed/.test(message) ? 'update Docker' : howToStartDocker(platform)
}

/** In the words of this system. */
export function howToStartDocker(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'start Docker Desktop (open -a Docker) or Colima (colima start)'
  if (platform === 'win32') return 'start Docker Desktop'
  return 'sudo systemctl start docker, or point DOCKER_HOST at a running engine'
}
