import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {homedir, tmpdir} from 'node:os'
import {join} from 'node:path'
import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'
import {ensureInstalled} from './lib/install.js'
import {root, run, say} from './lib/run.js'
import {Suites} from './lib/suites.js'

/** The official CLI this is measured against; install another one with HOKKU_CONFORMANCE_CLI=heroku@VERSION. */
const cli = process.env.HOKKU_CONFORMANCE_CLI ?? 'heroku@11.10.0'
const schema = process.env.HOKKU_PLATFORM_SCHEMA ?? join(root, '..', 'shared', 'schema', 'platform-api-v3.json')
const cache = process.env.HOKKU_CONFORMANCE_CACHE ?? join(homedir(), '.cache', 'hokku-conformance')

/** The official CLI and the published schema against our runtime. Ends with `N passed, N failed, N skipped`. */
await ensureInstalled()
await run('npm', ['run', '--silent', 'build'])
const suites = new Suites(mkdtempSync(join(tmpdir(), 'hokku-conformance-')))
const problem = (await problemOf(installCli)) ?? (await problemOf(runSuite))
if (!existsSync(schema)) say(`SKIPPED: no answer was held against the published schema, for there is no ${schema}`)
if (problem !== undefined) {
  say(`SKIPPED: the conformance suite did not run: ${problem}`)
  await suites.skip('conformance')
}
process.exitCode = suites.finish()

async function runSuite() {
  const engine = await ensureEngine()
  try {
    await ensureBaseImage(engine.socket)
    await suites.run(['conformance'], {
      ...process.env,
      DOCKER_HOST: `unix://${engine.socket}`,
      HOKKU_CONFORMANCE_CACHE: cache,
      HOKKU_PLATFORM_SCHEMA: schema,
    })
  } finally {
    await engine.stop()
  }
}

/** Into a folder of its own, since it brings 700 packages; install scripts are not run, the CLI works without them. */
async function installCli() {
  if (installed() === cli) return
  say(`Installing ${cli} into ${cache} (about 400 MB, two minutes)`)
  rmSync(join(cache, 'node_modules'), {recursive: true, force: true})
  mkdirSync(cache, {recursive: true})
  writeFileSync(join(cache, 'package.json'), '{"private": true}\n')
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', cli], {cwd: cache})
}

function installed() {
  const manifest = join(cache, 'node_modules/heroku/package.json')
  return existsSync(manifest) ? `heroku@${JSON.parse(readFileSync(manifest, 'utf8')).version}` : undefined
}

async function problemOf(step) {
  try {
    await step()
  } catch (error) {
    return error.message
  }
}
