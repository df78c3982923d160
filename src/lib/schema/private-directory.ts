import {lstatSync, type Stats} from 'node:fs'

/**
 * Why a directory cannot be trusted with the runtime's socket, undefined when it can or is not there yet. Beneath a directory that
 * everybody may write to, somebody else can make it first and listen in our place.
 */
export function distrust(directory: string): string | undefined {
  const found = look(directory)
  if (found === undefined || process.getuid === undefined) return undefined
  if (!found.isDirectory()) return `${directory} is not a directory`
  if (found.uid !== process.getuid()) return `${directory} belongs to another user (${found.uid})`
  return undefined
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    // Whoever wants to use it will say what is wrong with the path.
    return undefined
  }
}
