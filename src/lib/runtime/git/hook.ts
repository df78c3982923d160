import {spawn} from 'node:child_process'
import {type IncomingMessage, request} from 'node:http'
import {connect} from 'node:net'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {json, text} from 'node:stream/consumers'
import {pipeline} from 'node:stream/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {archiveOf} from './archive.js'
import {isShallow} from './shallow.js'
import {SubmoduleFailure, withSubmodules} from './submodules.js'

/** Where the runtime of this repository is. */
interface Runtime {
  socket: string
  home: string
}

/**
 * The pre-receive hook: argv is the runtime's socket, its home and the app's id, stdin has `old new ref` lines. Streams the
 * tree of the deploy branch to the runtime and prints the build's output; exit code 1 rejects the push.
 */
export async function preReceive(runtime: Runtime, appId: string): Promise<number> {
  const refs = (await text(process.stdin)).trim().split('\n').map(readRef)
  const pushed = refs.filter(ref => !/^0+$/.test(ref.commit))
  const deploy = pushed.find(ref => ref.name === 'refs/heads/main') ?? pushed.find(ref => ref.name === 'refs/heads/master')
  if (deploy !== undefined) return await build(runtime, appId, deploy)
  if (pushed.some(ref => ref.name.startsWith('refs/heads/'))) console.log('Pushed to non-main branch, skipping build.')
  return 0
}

interface Pushed {
  old: string
  commit: string
  name: string
}

function readRef(line: string): Pushed {
  const [old = '', commit = '', name = ''] = line.split(' ')
  return {old, commit, name}
}

/** Sends the archive, prints the answer while it comes, then asks how the build ended. */
async function build(runtime: Runtime, appId: string, pushed: Pushed): Promise<number> {
  const {socket} = runtime
  const root = {repository: process.cwd(), commit: pushed.commit, prefix: ''}
  try {
    if (await isShallow(root.repository, pushed.commit)) return withoutHistory()
    const checkouts = await withSubmodules(root, {cache: join(root.repository, 'submodules'), onLine: line => console.log(line)})
    await awaken(runtime)
    const body = Readable.from(archiveOf(checkouts), {objectMode: false})
    const answer = await send(socket, `/apps/${appId}/builds`, {method: 'POST', headers: headers(pushed), body})
    if ((answer.statusCode ?? 500) >= 400) return await refused(answer)
    for await (const chunk of answer) process.stdout.write(chunk as Buffer)
    const id = answer.headers['hokku-build-id']
    if (id === undefined) return 1
    const build = await json(await send(socket, `/apps/${appId}/builds/${id}`, {method: 'GET', headers: {Accept: 'application/json'}}))
    return (build as {status?: string}).status === 'succeeded' ? 0 : 1
  } catch (error) {
    if (error instanceof SubmoduleFailure) return withoutSubmodule(error)
    console.log(` !     The hokku runtime did not answer: ${(error as Error).message}. Try: hokku runtime:restart`)
    return 1
  }
}

function withoutHistory(): number {
  console.log(' !     This clone does not have its whole history, and git takes no such push: nothing was built.')
  console.log(' !     git fetch --unshallow (in GitHub Actions: fetch-depth: 0), then push again.')
  return 1
}

function withoutSubmodule({message}: SubmoduleFailure): number {
  for (const line of message.split('\n')) console.log(` !     ${line}`)
  console.log(' !     Push rejected, submodule install failed.')
  return 1
}

/** Tells in a push's own look why the runtime takes no build now. */
async function refused(answer: IncomingMessage): Promise<number> {
  const {id, message} = (await json(answer)) as {id?: string; message?: string}
  for (const line of (message ?? `The runtime answered with status ${answer.statusCode}.`).split('\n')) console.log(` !     ${line}`)
  if (id === 'engine_unavailable') console.log(' !     Start it (hokku doctor says how), then push again.')
  return 1
}

/** A push to the repository's path may find no runtime: then it is started, as by any command. */
async function awaken({socket, home}: Runtime): Promise<void> {
  let away = await isAway(socket)
  if (!away) return
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const env = {...Object.fromEntries(outside), HOKKU_HOME: home, HOKKU_WAKING_PUSH: process.env['GIT_QUARANTINE_PATH'] ?? ''}
  spawn(process.execPath, [fileURLToPath(new URL('runtime.js', import.meta.url))], {detached: true, stdio: 'ignore', env}).unref()
  for (const deadline = Date.now() + 15_000; away && Date.now() < deadline; await sleep(50)) away = await isAway(socket)
}

async function isAway(socketPath: string): Promise<boolean> {
  return await new Promise(resolve => {
    const tried = connect(socketPath, () => {
      tried.destroy()
      resolve(false)
    })
    tried.on('error', () => resolve(true))
  })
}

function send(
  socketPath: string,
  path: string,
  call: {method: string; headers: Record<string, string>; body?: Readable},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({socketPath, path, method: call.method, headers: call.headers}, resolve)
    sent.on('error', reject)
    if (call.body === undefined) sent.end()
    else pipeline(call.body, sent).catch(reject)
  })
}

function headers({old, commit, name}: Pushed): Record<string, string> {
  const tar = {Accept: 'text/plain', 'Content-Type': 'application/x-tar'}
  return {...tar, 'Hokku-Source-Version': commit, 'Hokku-Source-Ref': name, 'Hokku-Source-Parent': old}
}

const [socket, home, appId] = process.argv.slice(2)
if (socket !== undefined && home !== undefined && appId !== undefined) process.exitCode = await preReceive({socket, home}, appId)
