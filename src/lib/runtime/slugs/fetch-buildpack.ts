import {createHash} from 'node:crypto'
import {mkdir, readdir, readFile, readlink, stat} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {execa} from 'execa'
import {type PackedFile, RejectedSource} from '../buildpacks/buildpack.js'
import type {BuildpackAddress} from './buildpack-address.js'
import {largestBuildpack, packedFiles} from './packed-files.js'

interface Fetching {
  /** Where repositories are kept between builds. */
  directory: string
  env: NodeJS.ProcessEnv
  /** Who named it: for what the source names, the host gives no credentials of its own. */
  namedBy: 'app' | 'source'
  signal: AbortSignal
  /** Most bytes that a server may send. */
  largest?: number
}

/** The files of a buildpack that is not ours, fetched anew for each build as on Heroku. Throws RejectedSource. */
export async function fetchBuildpack(address: Exclude<BuildpackAddress, {kind: 'inline'}>, how: Fetching): Promise<PackedFile[]> {
  if (address.kind === 'git') return await ofRepository(address, how)
  if (address.kind === 'tarball') return await ofTarball(address.url, how)
  return await ofFolder(address.path)
}

async function ofRepository(
  {url, ref}: {url: string; ref: string | undefined},
  {directory, env, namedBy, signal}: Fetching,
): Promise<PackedFile[]> {
  const path = join(directory, createHash('sha256').update(url).digest('hex').slice(0, 16))
  await mkdir(path, {recursive: true})
  const withoutHelpers = namedBy === 'source' ? ['-c', 'credential.helper='] : []
  const git = (...args: string[]) =>
    execa('git', ['-C', path, ...withoutHelpers, ...args], {env: {...env, ...unattended}, cancelSignal: signal})
  try {
    await git('init', '--quiet', '--bare')
    const commit = await fetched(git, url, ref)
    const {stdout} = await execa('git', ['-C', path, 'archive', commit], {
      env: {...env, ...unattended},
      encoding: 'buffer',
      maxBuffer: largestBuildpack,
      cancelSignal: signal,
    })
    return await packedFiles(Readable.from([Buffer.from(stdout)]))
  } catch (error) {
    if (error instanceof RejectedSource || signal.aborted) throw error
    const said = String((error as {stderr?: unknown}).stderr || (error as Error).message)
    throw cannot(url, said)
  }
}

/** No prompt may wait for somebody, and no protocol may start a program. */
const unattended = {GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes'}

/** The commit that the ref names: a branch or tag is fetched alone, a commit that the server does not give out by itself with all refs. */
async function fetched(git: (...args: string[]) => Promise<{stdout: string}>, url: string, ref = 'HEAD'): Promise<string> {
  try {
    await git('fetch', '--quiet', '--no-tags', '--depth=1', '--end-of-options', url, ref)
    return await resolved(git, 'FETCH_HEAD')
  } catch (error) {
    if (!/^[0-9a-f]{7,40}$/.test(ref)) throw error
    await git('fetch', '--quiet', '--force', '--no-tags', '--end-of-options', url, '+refs/*:refs/fetched/*')
    return await resolved(git, ref)
  }
}

async function resolved(git: (...args: string[]) => Promise<{stdout: string}>, ref: string): Promise<string> {
  return (await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)).stdout.trim().split('\n').at(-1) ?? ''
}

async function ofTarball(url: string, {signal, largest = largestBuildpack}: Fetching): Promise<PackedFile[]> {
  try {
    const answer = await fetch(url, {signal, redirect: 'follow'})
    if (!answer.ok || answer.body === null) throw new Error(`the server answered ${answer.status} ${answer.statusText}`)
    const bytes = await bounded(answer.body, largest)
    const stream = Readable.from([bytes])
    return rooted(await packedFiles(bytes[0] === 0x1f ? stream.pipe(createGunzip()) : stream))
  } catch (error) {
    if (error instanceof RejectedSource || signal.aborted) throw error
    throw cannot(url, ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message)
  }
}

/** What a server sends has no end that it must keep to. */
async function bounded(body: AsyncIterable<Uint8Array>, largest: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > largest) throw new Error(`it has more than ${largest >> 20} MB`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Archives of code hosts have everything in one folder. */
function rooted(files: PackedFile[]): PackedFile[] {
  const tops = new Set(files.map(({path}) => path.split('/')[0]))
  if (tops.size !== 1 || tops.has('bin')) return files
  return files.map(file => ({...file, path: file.path.split('/').slice(1).join('/')})).filter(({path}) => path !== '')
}

async function ofFolder(root: string): Promise<PackedFile[]> {
  const found = await readdir(root, {recursive: true, withFileTypes: true}).catch((error: Error) => {
    throw cannot(root, error.message)
  })
  const files: PackedFile[] = []
  let bytes = 0
  for (const entry of found) {
    const at = join(entry.parentPath, entry.name)
    const path = relative(root, at)
    if (path === '.git' || path.startsWith('.git/')) continue
    if (entry.isSymbolicLink()) files.push({path, content: Buffer.alloc(0), mode: 0o777, link: await readlink(at)})
    if (!entry.isFile()) continue
    const {mode, size} = await stat(at)
    bytes += size
    if (bytes > largestBuildpack) throw cannot(root, `it has more than ${largestBuildpack >> 20} MB`)
    files.push({path, content: await readFile(at), mode})
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Credentials may stand in an address: they are nobody's business. */
function cannot(address: string, why: string): RejectedSource {
  const hidden = (text: string): string => text.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1')
  const lines = hidden(why).trim().split('\n').slice(0, 5)
  return new RejectedSource([`The buildpack ${hidden(address)} could not be fetched:`, ...lines])
}
