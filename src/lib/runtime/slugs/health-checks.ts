import {z} from 'zod'
import {type HealthChecks, healthChecks} from '../../schema/health-checks.js'
import {readPositioned} from '../../schema/positioned.js'
import {RejectedSource, type Source} from '../buildpacks/buildpack.js'

const manifest = z.object({healthchecks: healthChecks.optional()})

/**
 * The health checks that app.json asks for; undefined when it asks for none. The rest of that file is somebody else's to read. Throws
 * RejectedSource with every problem of theirs: an app that asks to be checked must not run unchecked.
 */
export async function healthChecksOf(source: Source, onLine: (line: string) => void): Promise<HealthChecks | undefined> {
  const text = await source.text('app.json')
  if (text === undefined || !text.includes('"healthchecks"')) return undefined
  const {value, raw, problems} = readPositioned(text, manifest, {file: 'app.json', version: '1.2', schema: 'json'})
  // A file that cannot be read at all may be anything; whoever reads it for more says so.
  if (raw === undefined) return undefined
  if (problems.length > 0) throw new RejectedSource(problems.map(problem => problem.text))
  const checks = value?.healthchecks ?? {}
  for (const [type, list] of Object.entries(checks))
    if (list.some(check => check.type === 'readiness'))
      onLine(` !     app.json: readiness checks of ${type} are not made here: a dyno gets requests once its startup checks have passed.`)
  return Object.values(checks).some(list => list.length > 0) ? checks : undefined
}
