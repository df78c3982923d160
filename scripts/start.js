import {join} from 'node:path'
import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'
import {ensureInstalled} from './lib/install.js'
import {exitCode, output, root, run, say} from './lib/run.js'

/** From a fresh clone to an app that answers. Safe to run again: what is there already is kept. */
const example = 'hello-hokku'
const hokku = join(root, 'bin', 'run.js')

try {
  await ensureInstalled()
  say('Building')
  await run('npm', ['run', '--silent', 'build'])
  const engine = await ensureEngine()
  await ensureBaseImage(engine.socket)
  tell(await startExample({...process.env, ...(process.env.DOCKER_HOST ? {} : {DOCKER_HOST: `unix://${engine.socket}`})}))
} catch (error) {
  // Whatever ended badly has said why; a stack of ours would hide it.
  say(error.message)
  process.exitCode = 1
}

/** Returns where the example answers. The first command starts the runtime. */
async function startExample(env) {
  say(`Starting the runtime and ${example}`)
  if ((await exitCode(process.execPath, [hokku, 'apps:info', '--app', example], {env, stdio: 'ignore'})) !== 0)
    await run(process.execPath, [hokku, 'create', example, '--no-remote'], {env})
  await run(process.execPath, [hokku, 'deploy', '--app', example, '--dir', join(root, 'examples', 'node-hello')], {env})
  const app = JSON.parse(await output(process.execPath, [hokku, 'apps:info', '--app', example, '--json'], {env}))
  return (app.app ?? app).web_url
}

function tell(url) {
  console.log(`
${example} answers at ${url}

Next steps, in a folder with an app of yours:
  (cd ${JSON.stringify(root)} && npm link)   # puts hokku on your PATH
  hokku create
  hokku addons:create heroku-postgresql:mini
  git push hokku main
  hokku ps:scale web=2
  hokku logs --tail
`)
}
