import {posix} from 'node:path'
import type {DockerApi} from './api.js'
import {statusOf} from './errors.js'

type Verdict = 'executable' | 'not executable' | 'not found'

interface CreatedAnswer {
  /** The first word of what will run, entrypoint or command, ours or the image's. */
  Path: string
  Config: {Env: string[] | null; WorkingDir: string}
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const executeBits = 0o111
/** Go's file modes: directories carry the highest bit. */
const directoryBit = 2 ** 31

/**
 * Whether a created container's command is there. With an init as PID 1 Docker starts the init, and a missing command
 * shows only a moment later as exit code 127; looking first (2 ms) tells which exits to wait for.
 */
export async function executableIn(api: DockerApi, id: string): Promise<Verdict> {
  const {Path, Config} = await api.request<CreatedAnswer>({
    method: 'GET',
    path: `/containers/${id}/json`,
    doing: `inspect the container ${id}`,
  })
  let verdict: Verdict = 'not found'
  for (const path of candidates(Path, Config)) {
    const found = await look(api, id, path)
    if (found === 'executable') return found
    if (found === 'not executable') verdict = found
  }
  return verdict
}

function candidates(command: string, {Env, WorkingDir}: CreatedAnswer['Config']): string[] {
  if (command.includes('/')) return [posix.resolve('/', WorkingDir, command)]
  const path = (Env ?? []).find(pair => pair.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath
  return path
    .split(':')
    .filter(folder => folder !== '')
    .map(folder => posix.join('/', folder, command))
}

async function look(api: DockerApi, id: string, path: string): Promise<Verdict> {
  try {
    const call = {method: 'HEAD', path: `/containers/${id}/archive`, query: {path}, doing: `look for ${path}`} as const
    const response = await api.stream(call)
    response.resume()
    const stat = String(response.headers['x-docker-container-path-stat'] ?? '')
    const {mode = executeBits} = JSON.parse(Buffer.from(stat, 'base64').toString('utf8')) as {mode?: number}
    return mode < directoryBit && (mode & executeBits) !== 0 ? 'executable' : 'not executable'
  } catch (error) {
    if (statusOf(error) === 404) return 'not found'
    throw error
  }
}
