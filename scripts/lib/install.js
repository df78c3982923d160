import {statSync} from 'node:fs'
import {join} from 'node:path'
import {root, run, say} from './run.js'

/** `npm ci`, unless node_modules is as the lockfile says already. */
export async function ensureInstalled() {
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return
  say('Installing packages (npm ci)')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

function modified(path) {
  return statSync(join(root, path), {throwIfNoEntry: false})?.mtimeMs ?? 0
}
