import {type ChildProcess, spawn} from 'node:child_process'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {Agent, request} from 'node:http'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import Docker from 'dockerode'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine, Image, ObservedContainer} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {hostTrust} from '../../src/lib/runtime/slugs/host-trust.js'
import {resolveHome} from '../../src/lib/schema/home.js'
import {eventually} from './eventually.js'
import {freePort} from './free-port.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Result {
  exitCode: number
  stdout: string
  stderr: string
}

export interface Answer {
  status: number
  body: string
}

/** A home of its own on the real engine, driven by the built CLI as a user's terminal would. Leaves nothing behind. */
export class World implements AsyncDisposable {
  readonly env: NodeJS.ProcessEnv
  private readonly children: ChildProcess[] = []
  private gone = false

  private constructor(
    readonly directory: string,
    readonly routerPort: number,
    readonly tlsPort: number,
    apiPort: number,
    readonly engine: Engine,
  ) {
    this.env = {
      ...process.env,
      HOKKU_HOME: join(directory, 'home'),
      HOKKU_ROUTER_PORT: String(routerPort),
      HOKKU_ROUTER_TLS_PORT: String(tlsPort),
      HOKKU_API_PORT: String(apiPort),
      HOKKU_EMAIL: 'dev@example.com',
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      NO_COLOR: '1',
      CI: '1',
    }
    for (const name of ['HOKKU_APP', 'HEROKU_APP', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'NODE_OPTIONS'])
      delete this.env[name]
  }

  /** On the engine that tests use, or on another one, named as DOCKER_HOST would. */
  static async start({engine}: {engine?: string} = {}): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'hokku e2e '))
    const env = engine === undefined ? process.env : {...process.env, DOCKER_HOST: engine}
    const world = new World(directory, await freePort(), await freePort(), await freePort(), await connectDocker({env}))
    if (engine !== undefined) world.env['DOCKER_HOST'] = engine
    await world.startQuicker()
    await writeFile(join(directory, '.gitconfig'), '[user]\nname = Dev\nemail = dev@example.com\n[init]\ndefaultBranch = main\n')
    return world
  }

  /**
   * Node.js reads the certificates of NODE_EXTRA_CA_CERTS at every start, which takes a third of a command's time. Where the host's bundle
   * has them, builds trust them all the same, and only npm, by which versions are looked up, has to be told.
   */
  private async startQuicker(): Promise<void> {
    const {NODE_EXTRA_CA_CERTS: extra, ...others} = this.env
    const bundle = (env: NodeJS.ProcessEnv) => hostTrust(env).then(({ca}) => ca?.toString())
    if (extra === undefined || (await bundle(this.env)) !== (await bundle(others))) return
    delete this.env['NODE_EXTRA_CA_CERTS']
    this.env['npm_config_cafile'] = extra
  }

  /** Its runtime is gone, and HAProxy too: what starts next has to take the ports again. */
  async letGoOfPorts(): Promise<void> {
    await this.ok('runtime:stop')
    const mine = {[label.home]: (await this.homeId()) as string, [label.kind]: 'router'}
    for (const router of await this.engine.observe(mine)) await this.engine.remove(router.id)
  }

  /** Of that app of this home: others may test with the same names at the same time. */
  async containersOf(appName: string): Promise<ObservedContainer[]> {
    return this.engine.observe({[label.home]: (await this.homeId()) as string, [label.appName]: appName})
  }

  /** So, its images. */
  async imagesOf(appName: string): Promise<Image[]> {
    return this.engine.images({[label.home]: (await this.homeId()) as string, [label.appName]: appName})
  }

  /** A folder with these files, committed. */
  async project(name: string, files: Record<string, string>): Promise<string> {
    const folder = join(this.directory, name)
    await mkdir(folder, {recursive: true})
    await this.exec('git', ['init', '--quiet'], folder)
    await this.write(folder, files)
    await this.commit(folder, 'first')
    return folder
  }

  async write(folder: string, files: Record<string, string>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), {recursive: true})
      await writeFile(join(folder, path), content)
    }
  }

  async commit(folder: string, message: string): Promise<void> {
    await this.exec('git', ['add', '-A'], folder)
    await this.exec('git', ['commit', '--quiet', '--allow-empty', '-m', message], folder)
  }

  /** One command of the built CLI; argv, or a line split at blanks. */
  hokku(command: string | string[], folder = this.directory, options: {stdin?: string} = {}): Promise<Result> {
    const args = typeof command === 'string' ? command.split(' ') : command
    return this.exec(process.execPath, [join(root, 'bin', 'run.js'), ...args], folder, options)
  }

  /** Like `hokku`, and throws with all it printed when it does not exit with 0. */
  async ok(command: string | string[], folder = this.directory): Promise<string> {
    const {exitCode, stdout, stderr} = await this.hokku(command, folder)
    if (exitCode !== 0) throw new Error(`hokku ${command} ended with ${exitCode}\n${stdout}\n${stderr}`)
    return stdout
  }

  async json<T>(command: string | string[], folder = this.directory): Promise<T> {
    const args = typeof command === 'string' ? command.split(' ') : command
    return JSON.parse(await this.ok([...args, '--json'], folder)) as T
  }

  async push(folder: string, refs = 'main'): Promise<Result> {
    return await this.exec('git', ['push', 'hokku', ...refs.split(' ')], folder)
  }

  /** Like `push`, and throws with what git said when it is refused. Resolves with what it said. */
  async pushed(folder: string, refs?: string): Promise<string> {
    const {exitCode, stderr} = await this.push(folder, refs)
    if (exitCode !== 0) throw new Error(`the push ended with ${exitCode}\n${stderr}`)
    return stderr
  }

  /** These files over what is in the folder of an app, pushed. Resolves with what git said. */
  async redeployed(folder: string, files: Record<string, string>): Promise<string> {
    await this.write(folder, files)
    await this.commit(folder, 'next')
    return this.pushed(folder)
  }

  /** A new app with these files, pushed. Resolves with their folder. */
  async deployed(app: string, files: Record<string, string>): Promise<string> {
    const folder = await this.project(app, files)
    await this.ok(`create ${app}`, folder)
    await this.pushed(folder)
    return folder
  }

  exec(program: string, args: string[], cwd: string, options: {stdin?: string} = {}): Promise<Result> {
    // A test that has timed out goes on, and would start another runtime.
    return this.gone ? Promise.reject(new Error('The test is over.')) : this.spawned(program, args, cwd, options)
  }

  private spawned(program: string, args: string[], cwd: string, options: {stdin?: string} = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {cwd, env: this.env, stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']})
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout?.on('data', chunk => out.push(chunk))
      child.stderr?.on('data', chunk => err.push(chunk))
      child.on('error', reject)
      child.on('close', code =>
        resolve({exitCode: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()}),
      )
      child.stdin?.end(options.stdin)
    })
  }

  /** A command that goes on in the background (`logs --tail`); its output so far is in `text()`. */
  follow(command: string, folder = this.directory): {text(): string; stop(): void} {
    const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...command.split(' ')], {cwd: folder, env: this.env})
    this.children.push(child)
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
    })
    return {text: () => text, stop: () => child.kill('SIGINT')}
  }

  /** One request to an app through the router. */
  get(app: string, path = '/'): Promise<Answer> {
    return ask(this.routerPort, `${app}.localhost`, path)
  }

  /** Waits until the app answers with that body, `timeout` ms at most. */
  async answers(app: string, body: string, path = '/', timeout = 60_000): Promise<void> {
    await eventually(async () => {
      const answer = await this.get(app, path)
      if (answer.status !== 200 || answer.body !== body) throw new Error(`${app} answers ${answer.status}: ${answer.body.slice(0, 300)}`)
    }, timeout)
  }

  /** Requests without pause, one after the other on two connections, until stopped; every answer that is not 200 is kept. */
  load(app: string, path = '/'): {stop(): Promise<{sent: number; failed: string[]; bodies: Set<string>}>} {
    const seen = {sent: 0, failed: [] as string[], bodies: new Set<string>()}
    let going = true
    const agent = new Agent({keepAlive: true})
    const worker = async (): Promise<void> => {
      while (going) {
        const answer = await ask(this.routerPort, `${app}.localhost`, path, agent).catch(error => ({status: 0, body: String(error)}))
        seen.sent += 1
        seen.bodies.add(answer.body)
        if (answer.status !== 200) seen.failed.push(`${answer.status} ${answer.body.slice(0, 200)}`)
      }
    }
    const workers = [worker(), worker()]
    return {
      async stop() {
        going = false
        await Promise.all(workers)
        agent.destroy()
        return seen
      },
    }
  }

  /** The engine's API as anybody with its socket sees it, beside our own client. */
  get docker(): Docker {
    return new Docker({socketPath: (this.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '')})
  }

  async runtimePid(): Promise<number> {
    return (await this.json<{pid: number}>('runtime:status')).pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gone = true
    for (const child of this.children) child.kill('SIGKILL')
    if (process.env['HOKKU_KEEP'] === undefined) {
      await this.removeAll()
      await rm(this.directory, {recursive: true, force: true})
    } else await this.stopRuntime()
    await this.engine.close()
  }

  /** Its runtime ends, and the engine has nothing of this home any more. Its files stay. */
  async removeAll(): Promise<void> {
    const home = await this.homeId()
    await this.stopRuntime()
    if (home === undefined) return
    await this.engine.removeAll({[label.home]: home})
    for (const image of await this.engine.images({[label.home]: home}))
      if (image.labels[label.app] !== undefined) await this.engine.removeImage(image.id)
  }

  private async stopRuntime(): Promise<void> {
    await this.spawned(process.execPath, [join(root, 'bin', 'run.js'), 'runtime:stop'], this.directory)
  }

  /** What everything of this home in the engine is labelled with; undefined before the first command. */
  homeId(): Promise<string | undefined> {
    return this.setting('home.id')
  }

  /** What its store keeps under that key; undefined before there is a store. */
  async setting(key: string): Promise<string | undefined> {
    const {openStore, readSetting} = await import('../../src/lib/runtime/store/store.js')
    const {store: path} = resolveHome(this.env)
    if ((await readFile(path).catch(() => undefined)) === undefined) return undefined
    const store = await openStore(path)
    try {
      return readSetting(store, key)
    } finally {
      store.close()
    }
  }
}

function ask(port: number, host: string, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({port, host: '127.0.0.1', path, headers: {Host: host}, ...(agent && {agent})}, answer => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', chunk => {
        body += chunk
      })
      answer.on('end', () => resolve({status: answer.statusCode ?? 0, body}))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}
