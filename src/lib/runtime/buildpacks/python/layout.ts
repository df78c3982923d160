import {RejectedSource, type Source} from '../buildpack.js'
import type {ManagerName} from './package-manager.js'
import {readRequirements} from './requirements.js'

/** What an install may depend on. */
export interface Layout {
  /** The files that decide what is installed; undefined when it needs the rest of the source too. */
  files: string[] | undefined
  /** Whether packages of the source itself are installed as well, once the source is there. */
  project: boolean
  /** Config vars that an install may see. */
  vars: string[]
  /** Whether Django is asked for. */
  django: boolean
}

export async function layoutOf(source: Source, manager: ManagerName): Promise<Layout> {
  const layout = await layouts[manager](source)
  // A hook before the install may write what the install reads.
  const whole = layout.files === undefined || source.has('bin/pre_compile') || (await linked(source, layout.files))
  return whole ? {...layout, files: undefined, project: false, vars: ['*']} : layout
}

/** Whether one of them is a symlink: it leads to a file that the install would not see. */
async function linked(source: Source, files: string[]): Promise<boolean> {
  const texts = await Promise.all(files.map(file => source.text(file)))
  return texts.includes(undefined)
}

const layouts: Record<ManagerName, (source: Source) => Promise<Layout>> = {
  async pip(source) {
    const {files, local, vars, names} = await readRequirements(source)
    const corpora = source.has('nltk.txt') ? ['nltk.txt'] : []
    return {
      files: local ? undefined : [...corpora, ...files],
      project: false,
      vars: ['PIP_*', ...vars],
      django: names('django'),
    }
  },
  async pipenv(source) {
    const text = (await source.text('Pipfile.lock')) ?? ''
    const manifest = (await source.text('Pipfile')) ?? ''
    const named = [...`${text}${manifest}`.matchAll(/\$\{?([A-Z0-9_]+)/g)].map(match => match[1] ?? '')
    return {
      files: /"(path|file)":\s*"(?!https?:)/.test(text) ? undefined : present(source, ['Pipfile', 'Pipfile.lock', 'nltk.txt']),
      project: false,
      vars: [...new Set(['PIP_*', ...named])],
      django: /^ {8}"django": \{/m.test(text),
    }
  },
  async poetry(source) {
    const lock = (await source.text('poetry.lock')) ?? ''
    const manifest = await manifestOf(source)
    return {
      files: /^type = "file"$/m.test(lock) ? undefined : present(source, ['nltk.txt', 'poetry.lock', 'poetry.toml', 'pyproject.toml']),
      project: !/^package-mode\s*=\s*false\b/m.test(manifest) || /^type = "directory"$/m.test(lock),
      vars: ['POETRY_*'],
      django: locked(lock, 'django'),
    }
  },
  async uv(source) {
    const lock = (await source.text('uv.lock')) ?? ''
    await manifestOf(source)
    const archives = [...lock.matchAll(/source = \{ path = "([^"]+)"/g)].map(match => match[1] ?? '')
    const manifests = source.paths.filter(path => /(^|\/)pyproject\.toml$/.test(path))
    return {
      files: present(source, ['.python-version', 'nltk.txt', 'uv.lock', 'uv.toml', ...archives, ...manifests]),
      project: /source = \{ (editable|directory) = /.test(lock),
      vars: ['UV_*'],
      django: locked(lock, 'django'),
    }
  },
}

/** Both managers read their lockfile together with pyproject.toml. */
async function manifestOf(source: Source): Promise<string> {
  const text = await source.text('pyproject.toml')
  if (text !== undefined) return text
  throw new RejectedSource([
    "Error: No 'pyproject.toml' found.",
    '',
    "A lockfile was found, however, the 'pyproject.toml' that it was",
    "made from wasn't. Make sure that it is in the root directory of",
    "your app, and isn't listed in '.gitignore' or '.slugignore'.",
  ])
}

function present(source: Source, files: string[]): string[] {
  return [...new Set(files)].filter(file => source.has(file)).sort()
}

function locked(lock: string, project: string): boolean {
  return new RegExp(`^name = "${project}"$`, 'm').test(lock)
}
