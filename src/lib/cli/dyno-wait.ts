import type {Dyno, Release} from '../schema/resources.js'

/** How far a release has got. */
export type DynoWait = {state: 'done'; count: number} | {state: 'waiting'; version: number} | {state: 'failed'; because: string}

/**
 * Decides whether every dyno runs the newest release. Unlike Heroku's CLI it gives up on a release that failed and on a
 * dyno that crashed: neither gets there by waiting. Pure.
 */
export function dynoWait(
  {version, status}: Pick<Release, 'version' | 'status'>,
  dynos: readonly Dyno[],
  {type, withRun}: {type: string | undefined; withRun: boolean},
): DynoWait {
  if (status === 'failed') return {state: 'failed', because: `The release command of v${version} failed: hokku releases:output v${version}`}
  if (status === 'pending') return {state: 'waiting', version}
  const wanted = dynos.filter(
    dyno =>
      dyno.type !== 'release' && dyno.state !== 'idle' && (withRun || dyno.type !== 'run') && (type === undefined || dyno.type === type),
  )
  const crashed = wanted.find(dyno => dyno.state === 'crashed' && dyno.release.version >= version)
  if (crashed !== undefined)
    return {state: 'failed', because: `${crashed.name} of v${version} has crashed: hokku logs --dyno-name ${crashed.name}`}
  const ready = wanted.every(dyno => dyno.state === 'up' && dyno.release.version >= version)
  return ready ? {state: 'done', count: wanted.length} : {state: 'waiting', version}
}
