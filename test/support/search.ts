import {execFile} from 'node:child_process'
import type {Dirent} from 'node:fs'
import {readdir, readFile, readlink} from 'node:fs/promises'
import {join} from 'node:path'

/** Names of the secrets that appear in a stream of bytes, across the borders of its chunks too. */
export async function secretsIn(data: AsyncIterable<Buffer>, secrets: Record<string, string>): Promise<string[]> {
  const found = new Set<string>()
  const longest = Math.max(...Object.values(secrets).map(secret => Buffer.byteLength(secret)))
  let rest = Buffer.alloc(0)
  for await (const chunk of data) {
    const window = Buffer.concat([rest, chunk])
    for (const [name, secret] of Object.entries(secrets)) if (window.includes(secret)) found.add(name)
    rest = window.subarray(Math.max(0, window.length - longest))
  }
  return [...found]
}

export async function filesBelow(directory: string): Promise<(Dirent & {path: string})[]> {
  const entries = await readdir(directory, {recursive: true, withFileTypes: true})
  return entries.map(entry => Object.assign(entry, {path: join(entry.parentPath, entry.name)}))
}

/** Arguments and environments of all processes of this host that are in no container, by process: what `ps e` shows. */
export async function processesOfHost(): Promise<{pid: string; command: string; text: string}[]> {
  const ours = await readlink('/proc/self/ns/pid')
  const found = await Promise.all(
    (await readdir('/proc'))
      .filter(pid => /^\d+$/.test(pid))
      .map(async pid => {
        try {
          if ((await readlink(`/proc/${pid}/ns/pid`)) !== ours) return undefined
          const [command, environment] = await Promise.all(['cmdline', 'environ'].map(name => readFile(`/proc/${pid}/${name}`, 'latin1')))
          return {pid, command: command ?? '', text: `${command}\0${environment}`}
        } catch {
          return undefined
        }
      }),
  )
  return found.filter(one => one !== undefined)
}

/** Files that were made or changed after the marker was, and hold that text. */
export function newFilesWith(text: string, roots: string[], marker: string): Promise<string[]> {
  // Each by itself, and again when something went from under it (an engine's folders do): find gives up all that is left then.
  const find = `find $root -type f -cnewer ${marker} -size -200M -print0 2>/dev/null`
  const search = `for root in ${roots.join(' ')}; do for try in 1 2 3; do ${find} && break; done; done | xargs -0 -r grep -lF -e ${text} 2>/dev/null | sort -u; true`
  return new Promise((done, failed) => {
    execFile('bash', ['-c', search], {maxBuffer: 1 << 26}, (error, stdout) =>
      error ? failed(error) : done(stdout.split('\n').filter(Boolean)),
    )
  })
}
