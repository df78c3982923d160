import {instructionStarts} from '../dockerfile-instructions.js'
import {launcherPath} from './launcher-path.js'

/** Name of the last stage where a Dockerfile gives it none, and of ours upon it. */
export const lastStage = 'hokku-image'
export const launchableStage = 'hokku-launchable'

/** What puts the launcher upon an image. */
export function launcherLayer(from: string, launcher: string): string {
  const folder = launcherPath.slice(0, launcherPath.lastIndexOf('/') + 1)
  return `FROM ${from}\nCOPY --from=${launcher} ${folder} ${folder}\n`
}

/**
 * The Dockerfile with one more stage, which puts the launcher upon the one that is wanted: one build then does what would take two.
 * Undefined when it is not plain where its last stage begins (heredocs, another escape character, a FROM over several lines).
 */
export function withLauncher(dockerfile: string, target: string | undefined, launcher: string): string | undefined {
  const lines = dockerfile.split('\n')
  const last = instructionStarts(lines)?.findLast(start => /^\s*FROM\s/i.test(lines[start] as string)) ?? -1
  const from = lines[last]?.trimEnd()
  if (from === undefined || from.endsWith('\\')) return undefined
  const name = target ?? /\sAS\s+(\S+)$/i.exec(from)?.[1]
  if (name === undefined) lines[last] = `${from} AS ${lastStage}`
  return `${lines.join('\n')}\n${launcherLayer(`${name ?? lastStage} AS ${launchableStage}`, launcher)}`
}
