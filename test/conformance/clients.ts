import {spawn} from 'node:child_process'
import {mkdir, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {delimiter, join} from 'node:path'
import type {RuntimeStatus} from '../../src/lib/schema/runtime-status.js'
import {type Result, World} from '../support/world.js'
import {Recorder} from './recorder.js'

/** Where `npm run test:conformance` installs the official CLI. */
export const cache = process.env['HOKKU_CONFORMANCE_CACHE'] ?? join(homedir(), '.cache', 'hokku-conformance')

/** Of all commits. */
const committedAt = '2026-01-01T00:00:00Z'

export type Who = 'official' | 'ours'

export interface RunOptions {
  folder?: string
  stdin?: string
  /** Ends the program (SIGINT) as soon as its standard output has this in it. */
  until?: RegExp
}

/** One runtime and both CLIs, each with an app of its own. */
export class Clients implements AsyncDisposable {
  /** What the official CLI, and a git that it calls, run with. */
  readonly env: NodeJS.ProcessEnv

  private constructor(
    readonly world: World,
    readonly status: RuntimeStatus & {token: string},
    readonly recorder: Recorder,
    readonly apps: Record<Who, string>,
  ) {
    this.env = officialEnvironment(world, status, recorder.port)
  }

  /** `name`: what the names of both apps begin with; they are not made yet. */
  static async start(name: string): Promise<Clients> {
    const world = await World.start()
    // The same files are the same commit for both, whatever second it is: releases name it.
    Object.assign(world.env, {GIT_AUTHOR_DATE: committedAt, GIT_COMMITTER_DATE: committedAt})
    await world.ok('apps')
    const status = await world.json<RuntimeStatus & {token: string}>('runtime:status')
    const recorder = await Recorder.start(Number(new URL(status.url).port))
    const clients = new Clients(world, status, recorder, {official: `${name}-official`, ours: `${name}-ours`})
    await mkdir(clients.env['HOME'] as string)
    await writeFile(join(clients.env['HOME'] as string, '.gitconfig'), '[user]\nname = Dev\nemail = dev@example.com\n')
    // The first command of a new home says once that the terms of service have changed.
    await clients.run('official', 'apps APP')
    return clients
  }

  /** The same command by both: `APP` stands for the own app, and `--app` is added unless APP is a word of it or a folder is given. */
  async both(command: string | string[], options: RunOptions = {}): Promise<Record<Who, Result>> {
    const official = await this.run('official', command, options)
    return {official, ours: await this.run('ours', command, options)}
  }

  async run(who: Who, command: string | string[], options: RunOptions = {}): Promise<Result> {
    const given = typeof command === 'string' ? command.split(' ') : command
    const app = this.apps[who]
    const named = given.includes('APP') || options.folder !== undefined
    const separator = given.indexOf('--')
    const place = separator === -1 ? given.length : separator
    const words = named ? given : [...given.slice(0, place), '--app', app, ...given.slice(place)]
    const args = words.map(word => word.replace(/\bAPP\b/g, app))
    const program = who === 'official' ? join(cache, 'node_modules/heroku/bin/run') : join(import.meta.dirname, '../../bin/run.js')
    const env = who === 'official' ? this.env : this.world.env
    return anonymous(await execute([process.execPath, program, ...args], env, {folder: this.world.directory, ...options}), this, app)
  }

  /** Another program (git, curl) as the user of one of the CLIs calls it. */
  async execute(who: Who, argv: string[], folder: string): Promise<Result> {
    return await execute(argv, who === 'official' ? this.env : this.world.env, {folder})
  }

  /** One call of the API, beside both clients and not recorded. */
  async api<T>(path: string, init: {method?: string; body?: unknown} = {}): Promise<T> {
    const headers = {Authorization: `Bearer ${this.status.token}`, 'Content-Type': 'application/json'}
    const {method = 'GET', body} = init
    const answer = await fetch(`${this.status.url}${path}`, {method, headers, ...(body !== undefined && {body: JSON.stringify(body)})})
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.recorder.stop()
    await this.world[Symbol.asyncDispose]()
  }
}

function officialEnvironment({env, directory}: World, status: RuntimeStatus & {token: string}, port: number): NodeJS.ProcessEnv {
  const host = `http://127.0.0.1:${port}`
  const quiet = {DISABLE_TELEMETRY: 'true', HEROKU_DISABLE_AUTOUPDATE: '1', HEROKU_SKIP_NEW_VERSION_CHECK: '1', TERM: 'dumb'}
  const hosts = {HEROKU_HOST: host, HEROKU_DATA_HOST: '127.0.0.1', HEROKU_PARTICLEBOARD_URL: host}
  const trust = {NODE_EXTRA_CA_CERTS: status.ca_certificate, GIT_SSL_CAINFO: status.ca_certificate}
  const path = `${join(cache, 'node_modules/.bin')}${delimiter}${env['PATH']}`
  const own = {HOME: join(directory, 'official home'), HEROKU_API_KEY: status.token, PATH: path}
  const merged: NodeJS.ProcessEnv = {...env, ...quiet, ...hosts, ...trust, ...own}
  for (const name of Object.keys(merged))
    if (/^(https?|all)_proxy$|^NODE_ENV$|^HOKKU_|^GIT_CONFIG_|^XDG_|^VITEST/i.test(name)) delete merged[name]
  return merged
}

function execute([program, ...args]: string[], env: NodeJS.ProcessEnv, {folder, stdin, until}: RunOptions): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, args, {cwd: folder, env, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']})
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      stdout += chunk
      if (until?.test(stdout)) child.kill('SIGINT')
    })
    child.stderr?.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', code => resolve({exitCode: code ?? -1, stdout, stderr}))
    child.stdin?.end(stdin)
  })
}

/**
 * Words alone: without what differs between two apps of one runtime (names, addresses, times, made-up names), without the widths and
 * rules of tables, and with one name for both programs.
 */
function anonymous(result: Result, {status, recorder}: Clients, app: string): Result {
  const clean = (text: string): string =>
    text
      .replaceAll(app, 'APP')
      .replaceAll(`127.0.0.1:${recorder.port}`, 'API')
      .replaceAll(status.url.replace('http://', ''), 'API')
      .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \+0000( \(~ [^)]*ago\))?/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'TIME')
      .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} [\d:]{8} GMT\+0000 \([^)]*\)/g, 'TIME')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
      .replace(/\b(postgresql|redis)-[a-z]+-\d{5}\b/g, '$1-name-12345')
      .replace(/\b[a-z]+-\d{5}\b/g, 'name-12345')
      .replace(/\brun\.\d{1,4}\b/g, 'run.1234')
      .replace(/\bhokku\b/g, 'heroku')
      .replace(/^ *[-─]+( +[-─]+)*$/gm, '')
      .replace(/[ \t]+/g, ' ')
      .replace(/^ | $/gm, '')
      .replace(/\n{2,}/g, '\n')
      .trim()
  return {...result, stdout: clean(result.stdout), stderr: clean(result.stderr)}
}
