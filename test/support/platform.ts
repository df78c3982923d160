import {randomBytes} from 'node:crypto'
import {rmSync} from 'node:fs'
import {mkdtemp, writeFile} from 'node:fs/promises'
import type {Server} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {pack} from 'tar-stream'
import type {MemoryEngine} from '../../src/lib/engine/memory/memory-engine.js'
import {createRuntime, type Runtime} from '../../src/lib/runtime/runtime.js'
import {listenOnPort, listenOnSocket} from '../../src/lib/runtime/server/listen.js'
import type {Clock} from '../../src/lib/runtime/support/clock.js'
import {type RuntimeLog, runtimeLog} from '../../src/lib/runtime/support/runtime-log.js'
import {packageVersion} from '../../src/lib/runtime/support/version.js'
import {type Home, homeAt} from '../../src/lib/schema/home.js'
import {type AddonData, addonEngine} from './addon-engine.js'
import {catalogueServices} from './catalogue-directory.js'
import {eventually} from './eventually.js'
import {type FakeAcme, fakeAcme} from './fake-acme.js'
import {fakeCompiler} from './fake-compiler.js'
import {fakeRouter} from './fake-router.js'
import {type CommandResult, type RunOptions, runCommand} from './run-command.js'
import {unsyncedStore} from './unsynced-store.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A whole platform in this process: real routes, services and store; only Docker, the router and the slug compiler are replaced. */
export interface TestPlatform extends AsyncDisposable {
  home: Home
  runtime: Runtime
  engine: MemoryEngine & AddonData
  router: ReturnType<typeof fakeRouter>
  compiler: ReturnType<typeof fakeCompiler>
  acme: FakeAcme
  /** What the runtime logged as errors. */
  errors: string[]
  /** Runs a command of the CLI in this process: `run('ps --app demo')`, or argv. */
  run(command: string | string[], options?: RunOptions): Promise<CommandResult>
  /** One call of the Platform API; the answer's JSON. Throws when the status is 400 or more. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Deploys files as `git push` would; resolves with the build's output. */
  deploy(app: string, files: Record<string, string>, version?: string): Promise<string>
  /** Waits until `ps` shows these dynos, like `{'web.1': 'up'}`. */
  dynos(app: string, wanted: Record<string, string>): Promise<void>
}

/** `directory`: a home that is there already, by default a new one; it goes with the platform. `engine`: by default a new one. `clock`: whose time the runtime goes by. */
export async function startTestPlatform(
  given: {directory?: string; engine?: TestPlatform['engine']; clock?: Clock} = {},
): Promise<TestPlatform> {
  const {clock} = given
  const directory = given.directory ?? (await mkdtemp(join(tmpdir(), 'hk-')))
  const home = homeAt(directory)
  // A runtime that makes its own key waits for the disk.
  if (given.directory === undefined) await writeFile(home.key, randomBytes(32), {mode: 0o600})
  const engine = given.engine ?? addonEngine()
  const router = fakeRouter()
  const compiler = fakeCompiler()
  const acme = fakeAcme()
  const errors: string[] = []
  let port = 0
  const runtime = await createRuntime({
    home,
    root,
    version: packageVersion(root),
    hook: ['/bin/true'],
    engine: async () => engine,
    router: () => router,
    compiler: () => compiler,
    acme: () => acme,
    apiPort: () => port,
    onStop: () => undefined,
    log: errorsOnly(errors),
    store: unsyncedStore,
    ownServices: catalogueServices(),
    ...(clock !== undefined && {clock}),
  })
  const servers = [
    await listenOnSocket(runtime.api, home, (...args) => runtime.attachables.take(...args)),
    await listenOnPort(runtime.api, 0, {
      identity: () => runtime.authority.server(),
      meet: (...args) => runtime.attachables.meet(...args),
    }),
  ]
  port = ((servers[1] as Server).address() as {port: number}).port
  await runtime.start()
  return platform({directory, home, runtime, engine, router, compiler, acme, errors, servers})
}

type Parts = Pick<TestPlatform, 'home' | 'runtime' | 'engine' | 'router' | 'compiler' | 'acme' | 'errors'> & {
  directory: string
  servers: Server[]
}

function platform({directory, servers, ...parts}: Parts): TestPlatform {
  const {runtime, home} = parts
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? {method} : {method, body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}}
    const answer = await runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  return {
    ...parts,
    api,
    run: (command, options = {}) => runCommand(command, {...options, env: {HOKKU_HOME: home.root, ...options.env}}),
    deploy: (app, files, version) => deploy(runtime, app, files, version),
    async dynos(app, wanted) {
      await eventually(async () => {
        const shown = await api<{name: string; state: string}[]>('GET', `/apps/${app}/dynos`)
        const states = Object.fromEntries(shown.map(dyno => [dyno.name, dyno.state]))
        if (JSON.stringify(states, Object.keys(states).sort()) !== JSON.stringify(wanted, Object.keys(wanted).sort()))
          throw new Error(`dynos are ${JSON.stringify(states)}, wanted ${JSON.stringify(wanted)}`)
      })
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await runtime.close()
      // By the thread pool, each of its files would be a turn of the event loop.
      rmSync(directory, {recursive: true, force: true, maxRetries: 3})
    },
  }
}

async function deploy(runtime: Runtime, app: string, files: Record<string, string>, version?: string): Promise<string> {
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({name}, content)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  const headers = {'Content-Type': 'application/x-tar', ...(version === undefined ? {} : {'Hokku-Source-Version': version})}
  const request = new Request(`http://127.0.0.1/apps/${app}/builds`, {method: 'POST', body: Buffer.concat(chunks), headers})
  return await (await runtime.fetch(request)).text()
}

function errorsOnly(errors: string[]): RuntimeLog {
  return {...runtimeLog(line => errors.push(line)), info: () => undefined}
}
