import type {Context} from 'hono'
import type {EngineVersion} from '../../engine/engine.js'
import {findDynoSize, shortage} from '../../schema/dyno-sizes.js'
import type {ApiEnv} from './services.js'

/** Says which of the sizes are larger than the host, in the header that Heroku's clients show. */
export function warnOfShortage(c: Context<ApiEnv>, sizes: string[], host: EngineVersion): void {
  const warnings = [...new Set(sizes)].flatMap(name => {
    const size = findDynoSize(name)
    return (size && shortage(size, host)) ?? []
  })
  if (warnings.length > 0) c.header('Warning-Message', warnings.join(' '))
}
