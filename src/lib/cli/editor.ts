import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CommandError} from './command-error.js'
import {runLocal} from './local-program.js'

/**
 * Lets the user edit a text in $VISUAL or $EDITOR (a command line, such as `code --wait`) and answers it as it was left.
 * Nobody else can read the file, and it is gone afterwards. Throws when the editor fails: then nothing should happen.
 */
export async function editText(text: string, {name, env}: {name: string; env: NodeJS.ProcessEnv}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hokku-edit-'))
  const file = join(directory, name)
  try {
    await writeFile(file, text, {mode: 0o600})
    const code = await runLocal({...editorLine(env, file, process.platform), env})
    if (code !== 0) throw new CommandError(`The editor failed (exit code ${code}). Nothing was changed.`, {id: 'editor_failed'})
    return await readFile(file, 'utf8')
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

/** What to run to edit a file; the shell is there because editors are named with arguments. Pure. */
export function editorLine(env: NodeJS.ProcessEnv, file: string, platform: NodeJS.Platform): {program: string; args: string[]} {
  const chosen = env['VISUAL'] || env['EDITOR']
  if (platform === 'win32') return {program: 'cmd', args: ['/d', '/s', '/c', `${chosen || 'notepad'} "${file}"`]}
  return {program: 'sh', args: ['-c', `${chosen || 'vi'} "$1"`, 'sh', file]}
}
