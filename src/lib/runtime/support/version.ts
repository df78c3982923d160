import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Root of the package this code was installed with: where package.json, addons/ and stacks/ are. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (packageName(folder) === 'hokku') return folder
    if (folder === dirname(folder)) throw new Error('hokku is not installed completely: its package.json was not found. Install it again.')
  }
}

export function packageVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}).version
}

function packageName(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {name?: string}).name
  } catch {
    return undefined
  }
}
