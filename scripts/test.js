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

await suites.run('unit')
const engine = await ensureEngine().catch(error => {
  say(`SKIPPED: the docker and e2e suites did not run, for there is no engine: ${error.message}`)
})
if (engine === undefined) {
  await suites.skip('docker')
  await suites.skip('e2e')
} else {
  try {
    await ensureBaseImage(engine.socket)
    const env = {...process.env, DOCKER_HOST: `unix://${engine.socket}`}
    await suites.run('docker', env)
    await suites.run('e2e', env)
  } finally {
    await engine.stop()
  }
}
process.exitCode = suites.finish()
