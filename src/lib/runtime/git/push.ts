import {join} from 'node:path'
import {Readable} from 'node:stream'
import {archiveOf} from './archive.js'
import {isShallow} from './shallow.js'
import {SubmoduleFailure, withSubmodules} from './submodules.js'

/** What git tells its pre-receive hook. */
export interface Push {
  /** Path of the repository. */
  repository: string
  /** Variables by which git finds the pushed objects, which are in quarantine until the hook has agreed. */
  environment: Record<string, string>
  /** `old new ref`, a line each. */
  refs: string
}

/** A branch that is built: what it was, what it becomes, `refs/heads/main`. */
export interface PushedBranch {
  old: string
  commit: string
  name: string
}

/** Who prints for the pusher, and who builds; `build` gets a tar of the tree and resolves to whether the push may go through. */
export interface PushDeps {
  say: (line: string) => void
  build: (branch: PushedBranch, tree: Readable) => Promise<boolean>
}

/** Has the deploy branch of a push built, if it has one; whether git may take the push. */
export async function takePush(push: Push, deps: PushDeps): Promise<boolean> {
  const refs = push.refs.trim().split('\n').map(readRef)
  const pushed = refs.filter(ref => !/^0+$/.test(ref.commit))
  const deploy = pushed.find(ref => ref.name === 'refs/heads/main') ?? pushed.find(ref => ref.name === 'refs/heads/master')
  if (deploy !== undefined) return await takeDeploy(push, deploy, deps)
  if (pushed.some(ref => ref.name.startsWith('refs/heads/'))) deps.say('Pushed to non-main branch, skipping build.')
  return true
}

function readRef(line: string): PushedBranch {
  const [old = '', commit = '', name = ''] = line.split(' ')
  return {old, commit, name}
}

async function takeDeploy({repository, environment}: Push, branch: PushedBranch, {say, build}: PushDeps): Promise<boolean> {
  const root = {repository, environment, commit: branch.commit, prefix: ''}
  try {
    if (await isShallow(root)) {
      say(' !     This clone does not have its whole history, and git takes no such push: nothing was built.')
      say(' !     git fetch --unshallow (in GitHub Actions: fetch-depth: 0), then push again.')
      return false
    }
    const checkouts = await withSubmodules(root, {cache: join(repository, 'submodules'), onLine: say})
    return await build(branch, Readable.from(archiveOf(checkouts), {objectMode: false}))
  } catch (error) {
    if (!(error instanceof SubmoduleFailure)) throw error
    for (const line of error.message.split('\n')) say(` !     ${line}`)
    say(' !     Push rejected, submodule install failed.')
    return false
  }
}

/** Tells in a push's own look why the runtime takes no build now. */
export function refusal({id, message}: {id?: string; message: string}): string[] {
  const lines = message.split('\n').map(line => ` !     ${line}`)
  return id === 'engine_unavailable' ? [...lines, ' !     Start it (hokku doctor says how), then push again.'] : lines
}
