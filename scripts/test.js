import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'
import {ensureInstalled} from './lib/install.js'
import {run, say} from './lib/run.js'
import {Suites} from './lib/suites.js'

/** Everything but benchmarks and the conformance suite. Ends with `N passed, N failed, N skipped`. */
await ensureInstalled()
await run('npm', ['run', '--silent', 'build'])
const suites = new Suites(mkdtempSync(join(tmpdir(), 'hokku-test-')))

// What each waits for is another thing: the unit tests for this machine's cores, the base image for its packages.
const [engine] = await Promise.all([engineWithBaseImage(), suites.run(['unit'])])
if (engine === undefined) {
  await suites.skip('docker')
  await suites.skip('e2e')
} else {
  const env = {...process.env, DOCKER_HOST: `unix://${engine.socket}`}
  // Their files in one queue: the docker tests keep a core busy, the e2e tests wait most of the time.
  await suites.run(['docker', 'e2e'], env).finally(() => engine.stop())
}
process.exitCode = suites.finish()

/** Undefined where there is none; says why. */
async function engineWithBaseImage() {
  const engine = await ensureEngine().catch(error => {
    say(`SKIPPED: the docker and e2e suites did not run, for there is no engine: ${error.message}`)
  })
  if (engine !== undefined) await ensureBaseImage(engine.socket).catch(error => engine.stop().then(() => Promise.reject(error)))
  return engine
}
