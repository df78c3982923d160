import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {pack} from 'tar-stream'
import type {Engine, ImageRef} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {hostTrust, trustSecrets} from '../../src/lib/runtime/slugs/host-trust.js'
import {trustingDockerfile} from '../../src/lib/runtime/slugs/trusting-dockerfile.js'
import {engineNames} from '../../src/lib/runtime/support/names.js'
import type {ConfigVars} from '../../src/lib/schema/resources.js'
import type {AddonWorld} from './addon-world.js'

/** An image with the client libraries and scripts of test/support/addon-clients. */
export async function clientImage(engine: Engine): Promise<ImageRef> {
  const folder = fileURLToPath(new URL('addon-clients/', import.meta.url))
  const trust = await hostTrust(process.env)
  const context = pack()
  for (const name of readdirSync(folder)) {
    const content = readFileSync(folder + name)
    context.entry({name}, name === 'Dockerfile' ? trustingDockerfile(content.toString('utf8'), trust) : content)
  }
  context.finalize()
  return await engine.build({
    context,
    args: trust.proxies,
    secrets: trustSecrets(trust),
    tags: ['hokku-test/addon-clients'],
    labels: {[label.kind]: 'test'},
    onProgress: () => undefined,
  })
}

/** The output of a script that runs in a container of that app's network with its config vars, as a dyno would. Rejects when it fails. */
export async function askClient(
  world: AddonWorld,
  app: 'demo' | 'other',
  image: ImageRef,
  command: string[],
  env: ConfigVars = world.addons.configVars(world[app].id, 'dyno'),
): Promise<string> {
  const {engine} = world
  const network = engineNames(world.home).network(world[app].id)
  const labels = {[label.home]: world.home, [label.kind]: 'test-client'}
  await engine.ensureNetwork(network, {[label.home]: world.home})
  const spec = {name: `${network}-client`, image, env: {}, labels, restart: 'never', keepOutput: 'none'} as const
  const {id} = await engine.start({...spec, networking: [{network}]})
  const {exitCode, stdout, stderr} = await engine.exec(
    id,
    ['timeout', '120', command[0]?.endsWith('.mjs') ? 'node' : 'python3', ...command],
    {env},
  )
  if (exitCode === 0) return stdout.toString()
  throw new Error(`${command.join(' ')}: ${stderr.toString().trim()}`)
}
