import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {lstat, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/**
 * Files and links of a directory that git would take, by git itself: what is tracked, and what nothing ignores. In a directory that is no
 * repository its .gitignore files count all the same. Undefined when git is not there or refuses.
 */
export async function gitFiles(directory: string): Promise<string[] | undefined> {
  const listed = await (existsSync(join(directory, '.git')) ? ofRepository(directory) : undefined)
  const paths = listed ?? (await ofFolder(directory))
  if (paths === undefined) return undefined
  const found: string[] = []
  for (const path of new Set(paths)) {
    const entry = await lstat(join(directory, path)).catch(() => undefined)
    if (entry?.isFile() || entry?.isSymbolicLink()) found.push(path)
    // A submodule, or another repository that lies in this one.
    else if (entry?.isDirectory())
      for (const below of (await gitFiles(join(directory, path))) ?? []) found.push(`${path.replace(/\/$/, '')}/${below}`)
  }
  return found
}

function ofRepository(directory: string): Promise<string[] | undefined> {
  return list(directory, ['--cached', '--others', '--exclude-standard'])
}

/** With a repository of its own elsewhere, so that one around the directory (which may ignore all of it) does not count. */
async function ofFolder(directory: string): Promise<string[] | undefined> {
  const repository = await mkdtemp(join(tmpdir(), 'hokku-git-'))
  try {
    if ((await run(directory, ['init', '--quiet', '--bare', '--template=', repository])) === undefined) return undefined
    const place = [`--git-dir=${repository}`, `--work-tree=${directory}`]
    return await list(directory, ['--others', '--exclude-per-directory=.gitignore'], place)
  } finally {
    await rm(repository, {recursive: true, force: true})
  }
}

async function list(directory: string, which: string[], place: string[] = []): Promise<string[] | undefined> {
  const said = await run(directory, [...place, '-c', 'core.quotePath=false', 'ls-files', '-z', ...which])
  return said?.split('\0').filter(path => path !== '')
}

function run(directory: string, args: string[]): Promise<string | undefined> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  return new Promise(resolve => {
    execFile('git', args, {cwd: directory, env, maxBuffer: 256 << 20}, (error, stdout) => resolve(error ? undefined : stdout))
  })
}
