import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {type Download, type PackageIndex, RejectedSource} from '../buildpacks/buildpack.js'
import type {Clock} from '../support/clock.js'
import {advice} from './diagnosis.js'

export interface Packages extends PackageIndex {
  /** Path of the package's tarball, which is downloaded at most once. */
  download(wanted: Download): Promise<string>
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * The npm registry through the host's own npm, so that its registry, proxy and CA settings count. Lists of versions are kept for a
 * day, and used beyond it when the registry does not answer.
 */
export function npmPackages({directory, clock, env}: {directory: string; clock: Clock; env: NodeJS.ProcessEnv}): Packages {
  return {
    async versions(name) {
      const path = join(directory, `${name.replace('/', '+')}.versions.json`)
      const kept = await readVersions(path)
      if (kept !== undefined && clock.now().getTime() - kept.at < dayMs) return kept.versions
      try {
        const answer: unknown = JSON.parse(await npm(['view', name, 'versions', '--json'], directory, env))
        const versions = (Array.isArray(answer) ? answer : [answer]).map(String)
        await writeFile(path, JSON.stringify({at: clock.now().getTime(), versions}))
        return versions
      } catch (error) {
        if (kept !== undefined) return kept.versions
        throw unreachable(`The versions of ${name} could not be listed`, error)
      }
    },
    async download({name, version}) {
      const path = join(directory, `${name.replace('/', '+')}-${version}.tgz`)
      if (await stat(path).catch(() => undefined)) return path
      await mkdir(directory, {recursive: true})
      const folder = await mkdtemp(join(directory, 'pack-'))
      try {
        await npm(['pack', `${name}@${version}`, '--pack-destination', folder, '--ignore-scripts'], directory, env)
        const [file] = await readdir(folder)
        if (file === undefined) throw new Error('npm pack left no file')
        await rename(join(folder, file), path)
      } catch (error) {
        throw unreachable(`${name}@${version} could not be downloaded`, error)
      } finally {
        await rm(folder, {recursive: true, force: true})
      }
      return path
    },
  }
}

async function readVersions(path: string): Promise<{at: number; versions: string[]} | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as {at: number; versions: string[]}
  } catch {
    return undefined
  }
}

async function npm(args: string[], directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  await mkdir(directory, {recursive: true})
  const windows = process.platform === 'win32'
  const {stdout} = await promisify(execFile)(windows ? 'npm.cmd' : 'npm', args, {
    cwd: directory,
    env: {...env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false'},
    maxBuffer: 64 << 20,
    shell: windows,
  })
  return stdout
}

function unreachable(what: string, error: unknown): RejectedSource {
  const said = String((error as {stderr?: string}).stderr || (error as Error).message).trim()
  const lines = said.split('\n').filter(line => !/^npm error +at /.test(line))
  return new RejectedSource([`${what} from the npm registry:`, ...lines.slice(0, 8), ...advice(lines)])
}
