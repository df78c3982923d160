import {spawn, spawnSync} from 'node:child_process'
import {dirname, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Runs a program with our terminal; rejects when it does not end with 0. */
export async function run(command, args, options = {}) {
  const code = await exitCode(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}

/** Runs a program with our terminal, or what `stdio` says; what it writes to a pipe is passed on. Resolves with its exit code. */
export function exitCode(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {cwd: root, stdio: 'inherit', ...options})
    child.stdout?.pipe(process.stdout, {end: false})
    child.stderr?.pipe(process.stderr, {end: false})
    child.on('error', failed)
    child.on('exit', (code, signal) => {
      const end = () => done(code ?? (signal === null ? 1 : 128))
      child.on('close', end)
      // A process that outlives it may hold its pipe.
      setTimeout(end, 1000).unref()
    })
  })
}

export function isInstalled(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], {stdio: 'ignore'}).status === 0
}

export function say(text) {
  console.error(`==> ${text}`)
}

/** Standard output of a program that must end with 0. */
export function output(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {cwd: root, ...options, stdio: ['ignore', 'pipe', 'inherit']})
    let text = ''
    child.stdout.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    child.on('error', failed)
    child.on('close', code => (code === 0 ? done(text) : failed(new Error(`${command} ${args.join(' ')} ended with ${code}`))))
  })
}
