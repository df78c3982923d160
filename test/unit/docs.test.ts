import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join, normalize} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {z} from 'zod'
import {exitCodes} from '../../src/lib/cli/command-error.js'
import {failureOf} from '../../src/lib/cli/failure.js'
import {routerCodes} from '../../src/lib/runtime/router/codes.js'
import {appJson} from '../../src/lib/schema/app-json-schema.js'
import {type ErrorId, errorStatus, PlatformError} from '../../src/lib/schema/errors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Pages that people write; docs/commands is generated. */
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pagesOf('docs'), ...pagesOf('docs/decisions')]
/** Folders of this repository; a path in the text that begins with one of them must exist. */
const folders = ['addons', 'bench', 'bin', 'docs', 'examples', 'scripts', 'src', 'stacks', 'test', '\\.ci']

describe('docs/errors.md', () => {
  it('has every error id with its status and exit code, and no other', () => {
    const documented = tableOf('docs/errors.md', 'Ids').map(([id, status, exit]) => [unquoted(id), Number(status), Number(exit)])
    const known = Object.entries(errorStatus).map(([id, status]) => [id, status, exitOf(id as ErrorId)])
    expect(documented.toSorted()).toEqual(known.toSorted())
  })

  it('has every exit code and no other', () => {
    const documented = tableOf('docs/errors.md', 'Exit codes').map(([exit]) => Number(exit))
    expect(documented).toEqual([0, ...Object.values(exitCodes)].toSorted((a, b) => a - b))
  })

  it('has every router code as the router knows it, and gives a reason for the rest of Heroku’s', () => {
    const documented = tableOf('docs/errors.md', 'Router codes').map(row => row.slice(0, 4))
    const known = Object.entries(routerCodes).map(([code, {desc, at, status}]) => [code, desc, at, String(status ?? '-')])
    expect(documented).toEqual(known)
    const others = tableOf('docs/errors.md', 'Codes that do not occur').map(([code]) => code)
    const all = [...known.map(([code]) => code), ...others].toSorted()
    const herokus = ['H10–H28', 'H31–H34', 'H80–H83', 'H99'].flatMap(range => {
      const [first, last = first] = range.split('–').map(code => Number(code.slice(1)))
      return Array.from({length: last! - first! + 1}, (_, index) => `H${first! + index}`)
    })
    expect(all).toEqual(herokus)
  })

  it('calls no error never answered that is raised', () => {
    const raised = sources('src/lib').map(read).join('\n')
    const never = tableOf('docs/errors.md', 'Ids').filter(row => row[4]?.includes('hokku never answers it'))
    expect(never.map(([id]) => unquoted(id)).filter(id => new RegExp(`PlatformError\\(\\s*'${id}'`).test(raised))).toEqual([])
  })
})

describe('docs/app-json.md', () => {
  it('has every key of the schema and no other', () => {
    const documented = tableOf('docs/app-json.md', 'app.json').flatMap(([keys]) => unquoted(keys).split(', '))
    expect(documented.toSorted()).toEqual(keysOf(z.toJSONSchema(appJson, {io: 'output'}) as Shape, '').toSorted())
  })
})

describe('docs/commands', () => {
  it('has a section for every command of the manifest', () => {
    const shown = manifestCommands().flatMap(([id, {hidden}]) => (hidden === true ? [] : [id]))
    const missing = shown.filter(id => !commandPage(id).split('\n').includes(`## hokku ${id}`))
    expect(shown.length).toBeGreaterThan(0)
    expect(missing).toEqual([])
  })
})

describe('pages', () => {
  it('name only files that exist', () => {
    const broken = pages.flatMap(page => pathsIn(read(page)).flatMap(path => (existsSync(join(root, path)) ? [] : [`${page}: ${path}`])))
    expect(broken).toEqual([])
  })

  it('link only to pages that exist', () => {
    const broken = pages.flatMap(page => linksIn(page).flatMap(path => (existsSync(join(root, path)) ? [] : [`${page}: ${path}`])))
    expect(broken).toEqual([])
  })

  it('name only npm scripts that exist', () => {
    const {scripts} = JSON.parse(read('package.json')) as {scripts: Record<string, string>}
    const named = pages.flatMap(page => [...read(page).matchAll(/npm run ([a-z][\w:-]*)/g)].map(match => `${page}: ${match[1]}`))
    expect(named.filter(one => !(one.slice(one.indexOf(': ') + 2) in scripts))).toEqual([])
  })

  it('put functions where they are', () => {
    const wrong = pages.flatMap(page =>
      functionsIn(read(page)).flatMap(one => (isDeclared(one) ? [] : [`${page}: ${one.file} ${one.name}`])),
    )
    expect(wrong).toEqual([])
  })
})

describe('README.md', () => {
  it('names only commands that exist', () => {
    const named = tableOf('README.md', 'What it does today').flatMap(([, cell = '']) => commandsIn(cell))
    const known = new Set(manifestCommands().flatMap(([id, {aliases, hiddenAliases}]) => [id, ...aliases, ...hiddenAliases]))
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter(id => !known.has(id))).toEqual([])
  })
})

describe('decisions', () => {
  it('have a number each, a date, and a line in the list', () => {
    const files = decisionFiles()
    const index = read('docs/decisions/README.md')
    expect(new Set(files.map(file => Number(file.slice(0, 4)))).size).toBe(files.length)
    expect(files.filter(file => !/^Date: \d{4}-\d\d-\d\d$/m.test(read(`docs/decisions/${file}`)))).toEqual([])
    expect(files.filter(file => !index.includes(`](${file})`))).toEqual([])
  })
})

function exitOf(id: ErrorId): number {
  return failureOf(new PlatformError(id, 'what happened'), {log: 'runtime.log', platform: 'linux'}).exit
}

/** Cells of the first table below a heading. */
function tableOf(page: string, heading: string): string[][] {
  const text = read(page)
  const at = text.search(new RegExp(`^#+ ${heading}$`, 'm'))
  const lines = text.slice(at).split('\n')
  const from = lines.findIndex(line => line.startsWith('|'))
  const length = lines.slice(from).findIndex(line => !line.startsWith('|'))
  const rows = lines.slice(from, length < 0 ? undefined : from + length).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
  return rows.slice(2)
}

interface Shape {
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  items?: Shape
}

/** Paths of all keys: `env.NAME.value`, `addons[].plan`. Environments have the keys of their parent. */
function keysOf(shape: Shape, at: string): string[] {
  if (/^environments\./.test(at)) return [at]
  if (shape.items !== undefined) return [at, ...(isPlain(shape.items) ? [] : keysOf(shape.items, `${at}[]`))]
  if (typeof shape.additionalProperties === 'object') return keysOf(shape.additionalProperties, `${at}.NAME`)
  if (shape.properties === undefined) return [at]
  const below = Object.entries(shape.properties).flatMap(([key, one]) => keysOf(one, at === '' ? key : `${at}.${key}`))
  return at === '' || at === 'environments' ? below : [at, ...below]
}

function isPlain(shape: Shape): boolean {
  return shape.items === undefined && shape.properties === undefined && typeof shape.additionalProperties !== 'object'
}

interface ManifestCommand {
  hidden?: boolean
  aliases: string[]
  hiddenAliases: string[]
}

function manifestCommands(): [string, ManifestCommand][] {
  return Object.entries((JSON.parse(read('oclif.manifest.json')) as {commands: Record<string, ManifestCommand>}).commands)
}

/** Ids in a cell of the README: `ps:scale`, and `:type` for `ps:type` after it; with flags they count, other programs do not. */
function commandsIn(cell: string): string[] {
  let topic = ''
  return [...cell.matchAll(/`(:?[a-z]+(?::[a-z]+)*)(?: --\w+)?`/g)].map(([, word = '']) => {
    if (word.startsWith(':')) return `${topic}${word}`
    topic = word.split(':')[0] as string
    return word
  })
}

function commandPage(id: string): string {
  const path = `docs/commands/${id.split(':')[0]}.md`
  return existsSync(join(root, path)) ? read(path) : ''
}

/** `src/lib/…/plan.ts` and its like, wherever they stand; what has a placeholder is not a path. */
function pathsIn(text: string): string[] {
  const found = text.matchAll(new RegExp(`(?<![\\w/.-])(?:${folders.join('|')})/[\\w./-]*[\\w/](?![\\w*{<…-])`, 'g'))
  return [...new Set([...found].map(match => match[0]))]
}

function linksIn(page: string): string[] {
  const targets = [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(match => match[1] as string)
  return targets.filter(target => !/^[a-z]+:/.test(target)).map(target => normalize(join(dirname(page), target)))
}

interface NamedFunction {
  file: string
  name: string
}

/** `src/….ts` `name()`: a path in backquotes and a call right after it. */
function functionsIn(text: string): NamedFunction[] {
  return [...text.matchAll(/`(src\/[\w./-]+\.ts)`,?\s+`([A-Za-z]\w*)\(/g)].map(match => ({
    file: match[1] as string,
    name: match[2] as string,
  }))
}

function isDeclared({file, name}: NamedFunction): boolean {
  const declaration = new RegExp(`(function |^  (private |async |override |protected )*|const )${name}\\b`, 'm')
  return existsSync(join(root, file)) && declaration.test(read(file))
}

function decisionFiles(): string[] {
  return readdirSync(join(root, 'docs/decisions'))
    .filter(file => /^\d{4}-/.test(file))
    .sort()
}

function pagesOf(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter(file => file.endsWith('.md'))
    .map(file => `${folder}/${file}`)
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function unquoted(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}
