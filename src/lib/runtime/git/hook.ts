import {spawn} from 'node:child_process'
import {type IncomingMessage, request} from 'node:http'
import {connect} from 'node:net'
import type {Readable} from 'node:stream'
import {json, text} from 'node:stream/consumers'
import {pipeline} from 'node:stream/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {type PushedBranch, refusal, takePush} from './push.js'

/** Where the runtime of this repository is. */
interface Runtime {
  socket: string
  home: string
}

/**
 * The pre-receive hook of a push to the repository's path: argv is the runtime's socket, its home and the app's id, stdin has `old new ref`
 * lines. Streams the tree of the deploy branch to the runtime and prints the build's output; exit code 1 rejects the push.
 */
async function preReceive(runtime: Runtime, appId: string): Promise<number> {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('GIT_'))) as Record<string, string>
  const push = {repository: process.cwd(), environment, refs: await text(process.stdin)}
  const say = (line: string): void => console.log(line)
  try {
    return (await takePush(push, {say, build: (branch, tree) => build(runtime, appId, branch, tree)})) ? 0 : 1
  } catch (error) {
    say(` !     The hokku runtime did not answer: ${(error as Error).message}. Try: hokku runtime:restart`)
    return 1
  }
}

/** Sends the archive, prints the answer while it comes, then asks how the build ended. */
async function build(runtime: Runtime, appId: string, branch: PushedBranch, body: Readable): Promise<boolean> {
  const {socket} = runtime
  await awaken(runtime)
  const answer = await send(socket, `/apps/${appId}/builds`, {method: 'POST', headers: headers(branch), body})
  if ((answer.statusCode ?? 500) >= 400) {
    const {id, message = `The runtime answered with status ${answer.statusCode}.`} = (await json(answer)) as {id?: string; message?: string}
    for (const line of refusal({message, ...(id !== undefined && {id})})) console.log(line)
    return false
  }
  for await (const chunk of answer) process.stdout.write(chunk as Buffer)
  const id = answer.headers['hokku-build-id']
  if (id === undefined) return false
  const ended = await json(await send(socket, `/apps/${appId}/builds/${id}`, {method: 'GET', headers: {Accept: 'application/json'}}))
  return (ended as {status?: string}).status === 'succeeded'
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

function headers({old, commit, name}: PushedBranch): Record<string, string> {
  const tar = {Accept: 'text/plain', 'Content-Type': 'application/x-tar'}
  return {...tar, 'Hokku-Source-Version': commit, 'Hokku-Source-Ref': name, 'Hokku-Source-Parent': old}
}

const [socket, home, appId] = process.argv.slice(2)
if (socket !== undefined && home !== undefined && appId !== undefined) process.exitCode = await preReceive({socket, home}, appId)
