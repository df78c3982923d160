import {ensureBaseImage} from './lib/base-image.js'
import {ensureEngine} from './lib/engine.js'
import {exitCode} from './lib/run.js'

/** Runs a command with an engine that answers and has the base image; stops the engine again if it was started for this. */
const [command, ...args] = process.argv.slice(2)
const engine = await ensureEngine()
try {
  await ensureBaseImage(engine.socket)
  process.exitCode = await exitCode(command, args, {env: {...process.env, DOCKER_HOST: `unix://${engine.socket}`}})
} finally {
  await engine.stop()
}
