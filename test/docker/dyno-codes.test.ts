import {randomUUID} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {openStore} from '../../src/lib/runtime/store/store.js'
import {type DynoRuntime, dynoRuntime} from '../support/dyno-runtime.js'
import {eventually} from '../support/eventually.js'
import {tarOf} from '../support/tar-of.js'
import {appId} from '../unit/runtime/dynos/support.js'

const home = randomUUID()
const engine = await connectDocker({home})
const directory = mkdtempSync(join(tmpdir(), 'hokku-dynos-'))
const store = await openStore(':memory:')
let image = ''
let at: DynoRuntime
/** Names of one-off dynos, by the code they are there for. */
const oneOffs = new Map<string, string>()

const commands = {
  web: 'sleep infinity',
  stubborn: "trap '' TERM; echo deaf; while :; do sleep 1; done",
  hog: `perl -e '$x = "a" x (700 << 20); sleep'`,
}
const oneOff = {appId, env: {}, user: 'me', log: false}

beforeAll(async () => {
  const files = {
    'dyno-launch': readFileSync('stacks/launch/dyno-launch', 'utf8'),
    Dockerfile: `FROM debian:13-slim
COPY dyno-launch /usr/local/bin/dyno-launch
RUN chmod 755 /usr/local/bin/dyno-launch && mkdir /app
WORKDIR /app
`,
  }
  const build = {context: tarOf(files), tags: [`hokku-codes-test:${home.slice(0, 8)}`], labels: {[label.home]: home}}
  image = await engine.build({...build, onProgress: () => undefined})
  at = await dynoRuntime({home, store, directory, image: () => image})
  await at.want({version: 1, size: 'Basic', formation: {web: 1, stubborn: 1, hog: 1}, commands})
  await everythingWrong()
})

afterAll(async () => {
  await at?.[Symbol.asyncDispose]()
  await engine.removeAll({[label.home]: home})
  if (image !== '') await engine.removeImage(image)
  await engine.close()
  store.close()
  rmSync(directory, {recursive: true, force: true})
})

/** All of it at once: each row of the table waits for its own. */
async function everythingWrong(): Promise<void> {
  await eventually(async () => expect((await at.lines()).join('\n')).toContain('app[stubborn.1]: deaf'))
  await at.want({version: 1, size: 'Basic', formation: {web: 1, stubborn: 0, hog: 1}, commands})
  const {dyno: unattached} = await at.dynos.runOneOff({...oneOff, command: 'bash', attach: {tty: undefined}})
  oneOffs.set('R13', unattached.name)
  const {dyno: deaf, secret} = await at.dynos.runOneOff({
    ...oneOff,
    command: "trap '' HUP; echo deaf; sleep 20; true",
    attach: {tty: undefined},
  })
  oneOffs.set('R16', deaf.name)
  const attached = at.dynos.claim(secret ?? '')
  for await (const said of attached?.stream ?? []) if (String(said).includes('deaf')) break
  attached?.stream.destroy()
}

describe('codes of dynos', () => {
  it.each([
    [
      'R10',
      'listens nowhere for 60 s',
      'web.1',
      [
        'Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch',
        'Stopping process with SIGKILL',
        'Process exited with status 137',
        'State changed from starting to crashed',
      ],
    ],
    [
      'R12',
      'runs on 30 s after SIGTERM',
      'stubborn.1',
      [
        'Error R12 (Exit timeout) -> Process failed to exit within 30 seconds of SIGTERM',
        'Stopping process with SIGKILL',
        'Process exited with status 137',
      ],
    ],
    ['R13', 'has no client after 30 s', undefined, ['Error R13 (Attach error) -> Failed to attach to process']],
    [
      'R15',
      'wants more memory than its size has',
      'hog.1',
      [
        'Process running mem=512M(100.0%)',
        'Error R15 (Memory quota vastly exceeded)',
        'Process exited with status 137',
        'State changed from up to crashed',
      ],
    ],
    [
      'R16',
      'does not care that its client is gone',
      undefined,
      ['Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed.'],
    ],
  ])('%s: a dyno that %s', {timeout: 120_000}, async (code, _what, formationDyno, wanted) => {
    const dyno = formationDyno ?? oneOffs.get(code)
    const said = async (): Promise<string[]> => {
      const mine = (await at.lines()).filter(line => line.includes(` heroku[${dyno}]: `))
      const lines = mine.map(line => line.slice(line.indexOf(']: ') + 3))
      const from = lines.indexOf(wanted[0]!)
      return from < 0 ? lines : lines.slice(from, from + wanted.length)
    }
    await eventually(async () => expect(await said()).toEqual(wanted), 100_000)
  })
})
