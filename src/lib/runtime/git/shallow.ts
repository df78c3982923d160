import {spawn} from 'node:child_process'
import {readdir} from 'node:fs/promises'
import {type Checkout, placed} from './submodules.js'

/**
 * Whether a push comes from a clone without its whole history: git refuses it, but only after the hook, so that the app would be
 * released all the same. While it takes such a push git has a file `shallow_…` in the repository.
 */
export async function isShallow(pushed: Checkout): Promise<boolean> {
  if (!(await readdir(pushed.repository)).some(name => name.startsWith('shallow_'))) return false
  const walk = spawn('git', ['rev-list', '--quiet', pushed.commit, '--not', '--all'], {stdio: 'ignore', ...placed(pushed)})
  return (await new Promise<number | null>(resolve => walk.on('close', resolve).on('error', () => resolve(0)))) !== 0
}
