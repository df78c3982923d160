import {chmod, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {channelScript} from './hook-channel.js'

/** What no push has used for so long is fetched anew when one does, in ms. */
const submoduleLifetime = 30 * 24 * 60 * 60 * 1000

/** How a hook finds its way back: the program that runs it and the socket of the runtime. */
export interface HookProgram {
  /** argv of the hook, absolute paths. */
  command: string[]
  socket: string
  home: string
}

/** Bare repositories by app id. They are made on first use, and their hooks rewritten by every runtime (paths may have moved). */
export class Repositories {
  private readonly ready = new Map<string, Promise<string>>()

  constructor(
    private readonly directory: string,
    private readonly hook: HookProgram,
  ) {}

  /** Path of the app's repository, which exists and has the current hook. */
  ensure(appId: string): Promise<string> {
    const known = this.ready.get(appId)
    if (known !== undefined) return known
    const making = this.make(appId)
    this.ready.set(appId, making)
    making.catch(() => this.ready.delete(appId))
    return making
  }

  /** Makes the repository reachable as a path under the app's name, for pushes without HTTP. */
  async link(app: {id: string; name: string}): Promise<string> {
    await this.ensure(app.id)
    const link = this.path(app.name)
    await rm(`${link}.new`, {force: true})
    await symlink(`${app.id}.git`, `${link}.new`)
    await rename(`${link}.new`, link)
    return link
  }

  async unlink(name: string): Promise<void> {
    await rm(this.path(name), {force: true})
  }

  /**
   * Links and hooks of repositories that exist are made to lead to this runtime. Hooks are only rewritten when they led elsewhere
   * before, which one file tells for all of them.
   */
  async refresh(apps: {id: string; name: string}[]): Promise<void> {
    const wanted = this.hookScript('')
    const mark = join(this.directory, 'hooks-lead-to')
    const moved = (await readFile(mark, 'utf8').catch(() => '')) !== wanted
    const entries = new Set(await readdir(this.directory).catch(() => []))
    for (const app of apps.filter(({id}) => entries.has(basename(this.path(id))))) {
      if (moved || (await this.target(app.name)) !== basename(this.path(app.id))) await this.link(app)
    }
    if (moved) await writeFile(mark, wanted)
  }

  private async target(name: string): Promise<string | undefined> {
    return await readlink(this.path(name)).catch(() => undefined)
  }

  /** The commit a branch points to, undefined when there is no such branch. */
  async commit(appId: string, ref: string): Promise<string | undefined> {
    const loose = await readFile(join(await this.ensure(appId), ref), 'utf8').catch(() => '')
    if (/^[0-9a-f]{40,64}\n$/.test(loose)) return loose.trim()
    const {stdout, exitCode} = await execa(
      'git',
      ['-C', await this.ensure(appId), 'rev-parse', '--verify', '--quiet', '--end-of-options', ref],
      {
        reject: false,
      },
    )
    return exitCode === 0 ? stdout.trim() : undefined
  }

  /** Resolves when the branch points to that commit, or after `patience` ms. */
  async moved(appId: string, ref: string, to: string, patience = 10_000): Promise<void> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(5)) if ((await this.commit(appId, ref)) === to) return
  }

  async remove(app: {id: string; name: string}): Promise<void> {
    this.ready.delete(app.id)
    await this.unlink(app.name)
    await rm(this.path(app.id), {recursive: true, force: true})
  }

  /**
   * Removes what pushes left that ended with the runtime: git keeps their objects apart until the hook has agreed. `waking` is
   * where those of the push are whose hook has started this runtime (hook.ts).
   */
  async sweep(waking = process.env['HOKKU_WAKING_PUSH']): Promise<void> {
    for (const name of await readdir(this.directory, {withFileTypes: true})) {
      const objects = join(this.directory, name.name, 'objects')
      const found = name.isDirectory() ? await readdir(objects).catch(() => []) : []
      for (const one of found.filter(entry => entry.startsWith('tmp_objdir-incoming-') || entry.startsWith('incoming-')))
        if (waking === undefined || basename(waking) !== one) await rm(join(objects, one), {recursive: true, force: true})
    }
  }

  /** Packs what git thinks is worth it, and removes submodules' repositories that no push has used for a month; how many. */
  async collect(): Promise<number> {
    let removed = 0
    for (const entry of await readdir(this.directory, {withFileTypes: true})) {
      if (!entry.isDirectory() || !entry.name.endsWith('.git')) continue
      const path = join(this.directory, entry.name)
      await execa('git', ['-C', path, '-c', 'gc.autoDetach=false', '-c', 'pack.threads=1', 'gc', '--auto', '--quiet'], {reject: false})
      for (const name of await readdir(join(path, 'submodules')).catch(() => [])) {
        const found = await stat(join(path, 'submodules', name)).catch(() => undefined)
        if (found === undefined || Date.now() - found.mtimeMs < submoduleLifetime) continue
        await rm(join(path, 'submodules', name), {recursive: true, force: true})
        removed += 1
      }
    }
    return removed
  }

  /** Bytes of all objects. */
  async size(appId: string): Promise<number> {
    const {stdout} = await execa('git', ['-C', this.path(appId), 'count-objects', '-v'], {reject: false})
    const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(stdout)?.[1] ?? 0)
    return (field('size') + field('size-pack')) * 1024
  }

  private path(idOrName: string): string {
    return join(this.directory, `${idOrName}.git`)
  }

  private async make(appId: string): Promise<string> {
    const path = this.path(appId)
    if (!(await exists(join(path, 'HEAD')))) await this.init(path)
    await this.writeHook(path, appId)
    return path
  }

  /** An empty bare repository (gitrepository-layout). No git is started: apps can be had without it, and its templates stay out. */
  private async init(path: string): Promise<void> {
    await mkdir(this.directory, {recursive: true, mode: 0o700})
    const fresh = `${path}.new`
    await rm(fresh, {recursive: true, force: true})
    for (const name of ['objects', 'refs', 'info']) await mkdir(join(fresh, name), {recursive: true})
    await writeFile(join(fresh, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
    await writeFile(join(fresh, 'HEAD'), 'ref: refs/heads/main\n')
    // Heroku checks the tree out, so export-ignore must not leave files out of `git archive`.
    await writeFile(join(fresh, 'info', 'attributes'), '* -export-ignore -export-subst\n')
    await rename(fresh, path)
  }

  private async writeHook(path: string, appId: string): Promise<void> {
    const file = join(path, 'hooks', 'pre-receive')
    await mkdir(join(path, 'hooks'), {recursive: true})
    await writeFile(`${file}.new`, this.hookScript(appId))
    await chmod(`${file}.new`, 0o700)
    await rename(`${file}.new`, file)
  }

  private hookScript(appId: string): string {
    const {command, socket, home} = this.hook
    const words = [...command, socket, home, appId].map(word => `'${word.replaceAll("'", "'\\''")}'`)
    return `#!/bin/sh\n${channelScript}unset NODE_EXTRA_CA_CERTS NODE_OPTIONS\nexec ${words.join(' ')}\n`
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
