import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import {parseEnv} from 'node:util'
import {CommandError, usageError} from './command-error.js'
import {parseConfigText} from './config-text.js'

/** Config vars of a `.env` file as Node reads one: comments, `export`, quotes, values of several lines. Throws when it has none. */
export async function readEnvFile(path: string): Promise<Record<string, string>> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read: ${error.message}`, {
      id: 'file_error',
    })
  })
  return varsOf(content, path)
}

/** The same from stdin, to its end. */
export async function readEnvStream(stdin: NodeJS.ReadableStream): Promise<Record<string, string>> {
  return varsOf(await text(stdin), 'stdin')
}

function varsOf(content: string, source: string): Record<string, string> {
  // `config --shell` writes a quote inside a value as a shell wants it, which .env files do not know.
  const read = content.includes(String.raw`'\''`) ? parseConfigText : parseEnv
  const vars = Object.entries(read(content.replace(/^\uFEFF/, ''))).filter((one): one is [string, string] => one[1] !== undefined)
  if (vars.length === 0) throw usageError(`There is no KEY=value in ${source}.`)
  return Object.fromEntries(vars)
}
