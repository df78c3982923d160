import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, normalize} from 'node:path'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'
import {describe, expect, it} from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Who may import whom, by folder (design.md section 2). */
const allowed: Record<string, string[]> = {
  'src/commands': ['src/lib/cli', 'src/lib/client', 'src/lib/schema'],
  'src/hooks': ['src/lib/cli', 'src/lib/client', 'src/lib/schema'],
  'src/lib/cli': ['src/lib/client', 'src/lib/schema'],
  'src/lib/client': ['src/lib/schema'],
  'src/lib/runtime': ['src/lib/schema', 'src/lib/engine/engine', 'src/lib/engine/labels'],
  'src/lib/engine': [],
  'src/lib/schema': [],
}
/** The composition root may also choose the engine. */
const compositionRoot = 'src/lib/runtime/main.ts'

/** Layers inside the runtime: an import may point to the same or a lower one. Files beside the folders put everything together. */
const layers = [
  ['store', 'events', 'support'],
  ['apps', 'certificates', 'config-vars', 'domains'],
  ['buildpacks', 'slugs'],
  ['releases', 'formation'],
  ['dynos', 'router', 'logplex'],
  [
    'builds',
    'addons',
    'git',
    'pipelines',
    'review-apps',
    'ci',
    'scheduler',
    'autoscaler',
    'acm',
    'app-setups',
    'collector',
    'librato',
    'log-drains',
    'papertrail',
    'platform-backup',
  ],
  ['server', 'dashboard'],
]

/** Each package has one home. */
const homes: Record<string, string[]> = {
  dockerode: ['src/lib/engine/docker'],
  '@grpc/grpc-js': ['src/lib/engine/docker'],
  chalk: ['src/lib/cli'],
  ora: ['src/lib/cli'],
  inquirer: ['src/lib/cli'],
  conf: ['src/lib/cli/preferences.ts'],
  '@aws-sdk/client-s3': ['src/lib/runtime/transfers/s3-files.ts'],
  '@aws-sdk/lib-storage': ['src/lib/runtime/transfers/s3-files.ts'],
  'smol-toml': ['src/lib/schema/toml.ts'],
  hono: ['src/lib/runtime'],
  'age-encryption': ['src/lib/client/sealed-backup.ts'],
  re2js: ['src/lib/runtime/logplex/grep.ts'],
  'acme-client': ['src/lib/runtime/acm/acme-authority.ts'],
  '@photostructure/sqlite': ['src/lib/runtime/store'],
  'node:sqlite': ['src/lib/runtime/store'],
}

interface Import {
  from: string
  to: string
}

const imports = sourceFiles().flatMap(importsOf)

describe('architecture', () => {
  it('lets every folder import only the folders below it', () => {
    expect(imports.filter(one => one.to.startsWith('src/') && !mayImport(one)).map(show)).toEqual([])
  })

  it('lets imports inside the runtime point down only', () => {
    expect(imports.filter(pointsUp).map(show)).toEqual([])
  })

  it('keeps every package in its home', () => {
    expect(imports.filter(leavesHome).map(show)).toEqual([])
  })

  it('sees imports at all', () => {
    expect(imports.length).toBeGreaterThan(100)
  })
})

function sourceFiles(): string[] {
  return readdirSync(join(root, 'src'), {recursive: true, encoding: 'utf8'})
    .filter(path => path.endsWith('.ts'))
    .map(path => join('src', path))
}

function importsOf(path: string): Import[] {
  const found = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true).importedFiles.map(one => one.fileName)
  return found.map(name => ({from: path, to: name.startsWith('.') ? normalize(join(dirname(path), name)) : name}))
}

function mayImport({from, to}: Import): boolean {
  const home = Object.keys(allowed).find(folder => from.startsWith(`${folder}/`))
  if (home === undefined || to.startsWith(`${home}/`)) return true
  if (from === compositionRoot && to.startsWith('src/lib/engine/docker/')) return true
  return (allowed[home] as string[]).some(folder => to === `${folder}.js` || to.startsWith(`${folder}/`))
}

function pointsUp({from, to}: Import): boolean {
  const lower = layerOf(from)
  const upper = layerOf(to)
  return lower !== undefined && upper !== undefined && upper > lower
}

function layerOf(path: string): number | undefined {
  const folder = /^src\/lib\/runtime\/([\w-]+)\//.exec(path)?.[1]
  const layer = layers.findIndex(names => folder !== undefined && names.includes(folder))
  return layer === -1 ? undefined : layer
}

function leavesHome({from, to}: Import): boolean {
  const name = Object.keys(homes).find(one => to === one || to.startsWith(`${one}/`))
  return name !== undefined && !(homes[name] as string[]).some(home => from.startsWith(home))
}

function show({from, to}: Import): string {
  return `${from} -> ${to}`
}
