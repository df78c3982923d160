import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {mkdir, readdir, rm, stat, utimes, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {text} from 'node:stream/consumers'
import {besideUs, placeOf, printable, resolveUrl, type SubmodulePlace} from './submodule-urls.js'

/** A tree of the source: a commit in a repository, and where it goes, with a slash at its end unless it is the root. */
export interface Checkout {
  repository: string
  commit: string
  prefix: string
  /** Variables by which git finds objects that are still in quarantine: only for the repository that is being pushed to. */
  environment?: Record<string, string>
}

export interface SubmoduleLimits {
  count: number
  depth: number
  /** Bytes of what is fetched for all of them. */
  bytes: number
  /** For all of them, in ms. */
  timeout: number
}

export const submoduleLimits: SubmoduleLimits = {count: 100, depth: 10, bytes: 2 ** 30, timeout: 10 * 60_000}

/** A submodule cannot be had; the message has a line per line of output. */
export class SubmoduleFailure extends Error {}

interface Fetching {
  /** Where repositories of submodules are kept between pushes. */
  cache: string
  onLine: (line: string) => void
  limits: SubmoduleLimits
  found: Checkout[]
  bytes: number
  deadline: number
}

/**
 * The root and every submodule below it, their recorded commits fetched. Names, paths and URLs are the pusher's: nothing is checked out,
 * no name becomes a path here, and git is told which protocols it may speak. Throws SubmoduleFailure.
 */
export async function withSubmodules(
  root: Checkout,
  {cache, onLine, limits = submoduleLimits}: {cache: string; onLine: (line: string) => void; limits?: SubmoduleLimits},
): Promise<Checkout[]> {
  const fetching: Fetching = {cache, onLine, limits, found: [], bytes: 0, deadline: Date.now() + limits.timeout}
  await descend(root, besideUs, 0, fetching)
  return [root, ...fetching.found]
}

async function descend(parent: Checkout, base: string, depth: number, fetching: Fetching): Promise<void> {
  const links = await gitlinks(parent)
  if (links.length === 0) return
  if (depth >= fetching.limits.depth) throw new SubmoduleFailure(`Submodules lie more than ${fetching.limits.depth} deep.`)
  const modules = await readModules(parent)
  if (depth === 0 && modules !== undefined) fetching.onLine('-----> Git submodules detected, installing')
  for (const {path, commit} of links) {
    const where = printable(`${parent.prefix}${path}`)
    if (modules === undefined) {
      fetching.onLine(` !     ${where} is another repository, and no .gitmodules says which: its folder stays empty.`)
      continue
    }
    const known = [...modules].find(([, module]) => module.path === path)
    if (known?.[1].url === undefined) throw new SubmoduleFailure(`No url found for submodule path '${where}' in .gitmodules`)
    await install({name: known[0], path, commit, written: known[1].url, where}, {parent, base, depth, fetching})
  }
}

interface Submodule {
  name: string
  path: string
  commit: string
  /** The URL as .gitmodules has it. */
  written: string
  where: string
}

interface Above {
  parent: Checkout
  base: string
  depth: number
  fetching: Fetching
}

async function install({name, path, commit, written, where}: Submodule, {parent, base, depth, fetching}: Above): Promise<void> {
  const {found, limits, onLine} = fetching
  if (found.length >= limits.count) throw new SubmoduleFailure(`There are more than ${limits.count} submodules.`)
  const place = placeOf(written, base)
  const shown = `'${printable(name)}' (${printable(written)})`
  if (place === undefined)
    throw new SubmoduleFailure(
      `The submodule ${shown} at ${where} cannot be fetched from there.\nWrite an http or https URL, with credentials in it if it needs some: https://USER:TOKEN@HOST/REPOSITORY`,
    )
  onLine(`       Submodule ${shown} registered for path '${where}'`)
  const repository = await fetched({place, commit, shown, where}, fetching)
  onLine(`       Submodule path '${where}': checked out '${commit}'`)
  const checkout = {repository, commit, prefix: `${parent.prefix}${path}/`}
  found.push(checkout)
  await descend(checkout, resolveUrl(written, base), depth + 1, fetching)
}

interface Wanted {
  place: SubmodulePlace
  commit: string
  shown: string
  where: string
}

/** A repository that has the commit: kept from an earlier push, or fetched now; that commit alone where the server gives it. */
async function fetched({place, commit, shown, where}: Wanted, fetching: Fetching): Promise<string> {
  const from = 'app' in place ? join(dirname(dirname(fetching.cache)), `${place.app}.git`) : place.url
  const repository = join(fetching.cache, `${createHash('sha256').update(from).digest('hex').slice(0, 40)}.git`)
  const failed = (why: string): SubmoduleFailure => new SubmoduleFailure(`The submodule ${shown} at ${where} could not be fetched:\n${why}`)
  if ('app' in place && !existsSync(from)) throw failed(`There is no app ${place.app} here, and a relative URL means one.`)
  await ensureRepository(repository)
  const has = async (): Promise<boolean> => (await git(repository, ['cat-file', '-e', `${commit}^{commit}`])).code === 0
  if (await has()) return repository
  const environment = accessTo(place)
  const one = await bounded(repository, ['fetch', ...quietly, '--depth=1', '--', from, commit], environment, fetching)
  if (one.code === 0 && (await has())) return repository
  const all = await bounded(repository, ['fetch', ...quietly, '--', from, '+refs/*:refs/fetched/*'], environment, fetching)
  if (all.code !== 0) throw failed(printableLines(all.errors))
  if (!(await has())) throw failed(`It has no commit ${commit}: push that commit there first.`)
  return repository
}

const quietly = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules']

function printableLines(errors: string): string {
  const lines = errors
    .trim()
    .split('\n')
    .filter(line => line !== '')
    .slice(-5)
  return lines.length === 0 ? 'git did not say why.' : lines.map(line => printable(line)).join('\n')
}

/** Credentials are in no argument that other users of the host could see, and follow no redirect to another host. */
function accessTo(place: SubmodulePlace): Record<string, string> {
  const prompts = {GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true', SSH_ASKPASS: 'true'}
  if ('app' in place) return {...prompts, GIT_ALLOW_PROTOCOL: 'file'}
  const secret = place.credentials === undefined ? undefined : Buffer.from(decoded(place.credentials)).toString('base64')
  const header = {GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: Basic ${secret}`}
  return {...prompts, GIT_ALLOW_PROTOCOL: 'http:https:git', ...(secret === undefined ? {} : header)}
}

/** `user:password`, as it was before a URL needed it encoded. */
function decoded(credentials: string): string {
  const [user = '', ...password] = credentials.split(':')
  try {
    return `${decodeURIComponent(user)}:${decodeURIComponent(password.join(':'))}`
  } catch {
    return `${user}:${password.join(':')}`
  }
}

/** Runs git until it ends, or until time or size are up. */
async function bounded(repository: string, args: string[], env: Record<string, string>, fetching: Fetching): Promise<Ended> {
  const packs = join(repository, 'objects', 'pack')
  const before = await sizeOf(packs)
  const stop = new AbortController()
  const taken = async (): Promise<number> => fetching.bytes + (await sizeOf(packs)) - before
  const watch = setInterval(async () => {
    if (excess(fetching, await taken()) !== undefined) stop.abort()
  }, 200)
  const ended = await git(repository, args, env, stop.signal).finally(() => clearInterval(watch))
  const bytes = await taken()
  const why = excess(fetching, bytes)
  fetching.bytes = bytes
  if (why === undefined) return ended
  await rm(repository, {recursive: true, force: true})
  throw new SubmoduleFailure(why)
}

function excess({deadline, limits}: Fetching, bytes: number): string | undefined {
  if (Date.now() >= deadline) return `The submodules took longer than ${Math.round(limits.timeout / 60_000)} minutes to fetch.`
  return bytes > limits.bytes ? 'The submodules are larger than 1 GB.' : undefined
}

async function sizeOf(directory: string): Promise<number> {
  const sizes = (await readdir(directory).catch(() => [])).map(
    async name => (await stat(join(directory, name)).catch(() => ({size: 0}))).size,
  )
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0)
}

async function ensureRepository(repository: string): Promise<void> {
  if (!existsSync(join(repository, 'HEAD'))) {
    await mkdir(dirname(repository), {recursive: true, mode: 0o700})
    const {code, errors} = await git(dirname(repository), ['init', '--quiet', '--bare', '--template=', repository])
    if (code !== 0) throw new SubmoduleFailure(`A repository for it could not be made: ${printable(errors)}`)
    // A checkout has every file, so export-ignore must not leave any out.
    await mkdir(join(repository, 'info'), {recursive: true})
    await writeFile(join(repository, 'info', 'attributes'), '* -export-ignore -export-subst\n')
  }
  // Tells builds:prune that it is used.
  await utimes(repository, new Date(), new Date())
}

interface Ended {
  code: number | null
  errors: string
}

/** git's own settings of the host count (proxies, certificates), its stored passwords do not, as on Heroku. */
async function git(directory: string, args: string[], env: Record<string, string> = {}, signal?: AbortSignal): Promise<Ended> {
  const settings = [
    'credential.helper=',
    'fetch.unpackLimit=1',
    'gc.auto=0',
    'http.lowSpeedLimit=100',
    'http.lowSpeedTime=60',
    'core.hooksPath=/dev/null',
  ]
  const options = {
    cwd: directory,
    env: {...outside(), ...env},
    stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'],
    ...(signal && {signal}),
  }
  const child = spawn('git', [...settings.flatMap(setting => ['-c', setting]), ...args], options)
  const code = new Promise<number | null>(resolve => child.on('close', resolve).on('error', () => undefined))
  return {errors: await text(child.stderr), code: await code}
}

/** Without what binds git to the repository that is being pushed to. */
export function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
}

/** Other repositories in a commit's tree. */
async function gitlinks(checkout: Checkout): Promise<{path: string; commit: string}[]> {
  const entries = (await output(checkout, ['ls-tree', '-r', '-z', '--full-tree', checkout.commit]))?.split('\0') ?? []
  return entries
    .filter(entry => entry.startsWith('160000 '))
    .map(entry => ({commit: entry.slice('160000 commit '.length, entry.indexOf('\t')), path: entry.slice(entry.indexOf('\t') + 1)}))
}

/** `.gitmodules` by submodule; undefined when there is none. What git cannot read has nothing in it. */
async function readModules(checkout: Checkout): Promise<Map<string, {path?: string; url?: string}> | undefined> {
  const {commit} = checkout
  const entry = await output(checkout, ['ls-tree', '-z', commit, '.gitmodules'])
  if (!entry?.startsWith('100')) return undefined
  const listed = (await output(checkout, ['config', '--no-includes', '-z', '--blob', `${commit}:.gitmodules`, '--list'])) ?? ''
  const modules = new Map<string, {path?: string; url?: string}>()
  for (const field of listed.split('\0')) {
    const [, name, key, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(field) ?? []
    if (name !== undefined) modules.set(name, {...modules.get(name), [key as string]: value})
  }
  return modules
}

/** What git prints; undefined when it fails. */
async function output(checkout: Checkout, args: string[]): Promise<string | undefined> {
  const child = spawn('git', args, {stdio: ['ignore', 'pipe', 'ignore'], ...placed(checkout)})
  const code = new Promise<number | null>(resolve => child.on('close', resolve).on('error', () => resolve(null)))
  const said = await text(child.stdout)
  return (await code) === 0 ? said : undefined
}

/** How git is run for a checkout's repository. */
export function placed({repository, environment}: Checkout): {cwd: string; env: NodeJS.ProcessEnv} {
  return {cwd: repository, env: {...outside(), ...environment}}
}
