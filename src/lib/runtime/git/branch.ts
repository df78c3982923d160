import {PlatformError} from '../../schema/errors.js'
import type {Branch} from '../builds/builds.js'
import type {PushedBranch} from './push.js'
import type {Repositories} from './repositories.js'

/** The branch that a push moves when its build agrees, as builds see it. */
export function movedBranch(repositories: Repositories, appId: string, {old, commit, name}: PushedBranch): Branch {
  return {
    async check() {
      if (((await repositories.commit(appId, name)) ?? '0'.repeat(old.length)) === old) return
      throw new PlatformError(
        'conflict',
        `Another push has moved ${name.replace('refs/heads/', '')} meanwhile. Fetch, merge and push again.`,
      )
    },
    moved: () => repositories.moved(appId, name, commit),
  }
}
