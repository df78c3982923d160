import {spawn} from 'node:child_process'

/** A program of this machine, in this terminal. Secrets go by `env`, never by `args`. */
export interface LocalProgram {
  program: string
  args: string[]
  env: NodeJS.ProcessEnv
}

/** Runs it to its end and resolves with its exit code; undefined when there is no such program here. */
export function runLocal({program, args, env}: LocalProgram): Promise<number | undefined> {
  // Ctrl-C reaches the program by itself: what it means there is not for us to decide.
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  return new Promise<number | undefined>((resolve, reject) => {
    const child = spawn(program, args, {stdio: 'inherit', env})
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)))
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  }).finally(() => process.off('SIGINT', ignore))
}
