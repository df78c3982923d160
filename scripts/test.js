import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'
import {ensureInstalled} from './lib/install.js'
import {exitCode, root, run, say} from './lib/run.js'

/** Everything but benchmarks and the conformance suite. Ends with `N passed, N failed, N skipped`. */
await ensureInstalled()
await run('npm', ['run', '--silent', 'build'])
const vitest = join(root, 'node_modules/.bin/vitest')
const results = mkdtempSync(join(tmpdir(), 'hokku-test-'))
const total = {passed: 0, failed: 0, skipped: 0}

await suite('unit')
const engine = await ensureEngine().catch(error => {
  say(`SKIPPED: the docker and e2e suites did not run, for there is no engine: ${error.message}`)
})
if (engine === undefined) {
  await countSkipped('docker')
  await countSkipped('e2e')
} else {
  try {
    await ensureBaseImage(engine.socket)
    const env = {...process.env, DOCKER_HOST: `unix://${engine.socket}`}
    await suite('docker', env)
    await suite('e2e', env)
  } finally {
    await engine.stop()
  }
}
rmSync(results, {recursive: true, force: true})
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1

async function suite(project, env = process.env) {
  say(`Running the ${project} tests`)
  const file = join(results, `${project}.json`)
  const code = await exitCode(vitest, ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`], {
    env,
  })
  const counts = read(file)
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
  if (code !== 0 && counts.failed === 0) total.failed += 1
}

/** A file that failed to load has no tests; it counts as one that failed. */
function read(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    const broken = report.testResults.filter(one => one.status === 'failed' && one.assertionResults.length === 0).length
    return {passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped: report.numPendingTests + report.numTodoTests}
  } catch {
    return {passed: 0, failed: 1, skipped: 0}
  }
}

async function countSkipped(project) {
  const file = join(results, `${project}-list.json`)
  await exitCode(vitest, ['list', '--project', project, `--json=${file}`], {stdio: 'ignore'})
  total.skipped += JSON.parse(readFileSync(file, 'utf8')).length
}
