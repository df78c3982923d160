import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {pack} from 'tar-stream'
import type {MemoryEngine} from '../../src/lib/engine/memory/memory-engine.js'
import {createRuntime, type Runtime} from '../../src/lib/runtime/runtime.js'
import {type Clock, systemClock} from '../../src/lib/runtime/support/clock.js'
import {type Home, homeAt} from '../../src/lib/schema/home.js'
import {addonEngine} from './addon-engine.js'
import {fakeAcme} from './fake-acme.js'
import {fakeCompiler} from './fake-compiler.js'
import {fakeRouter} from './fake-router.js'
import {unsyncedStore} from './unsynced-store.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** One home and one engine, and runtimes that come and go. */
export interface Restartable extends AsyncDisposable {
  home: Home
  engine: MemoryEngine
  runtime: Runtime
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  deploy(app: string, files: Record<string, string>): Promise<string>
  /** Lets go of everything as a kill does; what was being done is not finished. */
  stop(): Promise<void>
  /** Opens the home again; the engine is looked at by `start`. */
  open(): Promise<void>
  /** stop, open and start. */
  restart(): Promise<void>
}

export async function restartable(options: {clock?: Clock} = {}): Promise<Restartable> {
  const directory = await mkdtemp(join(tmpdir(), 'hk-'))
  const home = homeAt(directory)
  const clock = options.clock ?? systemClock
  const engine = addonEngine({time: clock})
  let runtime: Runtime
  const at: Restartable = {
    home,
    engine,
    get runtime() {
      return runtime
    },
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const init = body === undefined ? {method} : {method, body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}}
      const answer = await runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
      const text = await answer.text()
      if (answer.status >= 400) throw new Error(`${answer.status} ${text}`)
      return JSON.parse(text) as T
    },
    async deploy(app, files) {
      const tar = pack()
      for (const [name, content] of Object.entries(files)) tar.entry({name}, content)
      tar.finalize()
      const chunks: Buffer[] = []
      for await (const chunk of tar) chunks.push(chunk as Buffer)
      const init = {method: 'POST', body: Buffer.concat(chunks), headers: {'Content-Type': 'application/x-tar'}}
      return await (await runtime.fetch(new Request(`http://127.0.0.1/apps/${app}/builds`, init))).text()
    },
    stop: () => runtime.close(),
    async open() {
      // The engine outlives its runtimes.
      const shared = {...engine, close: async () => undefined}
      runtime = await createRuntime({
        home,
        root,
        version: '0.0.0',
        hook: ['/bin/true'],
        engine: async () => shared,
        router: () => fakeRouter(),
        compiler: () => fakeCompiler(),
        acme: () => fakeAcme(),
        apiPort: () => 1,
        onStop: () => undefined,
        clock,
        store: unsyncedStore,
      })
    },
    async restart() {
      await at.stop()
      await at.open()
      await runtime.start()
    },
    async [Symbol.asyncDispose]() {
      await runtime.close()
      await rm(directory, {recursive: true, force: true})
    },
  }
  await at.open()
  await at.runtime.start()
  return at
}
