// Bundles src into dist: one entry per command, shared code in chunks, so that a command loads what it needs and no more.
import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const {dependencies} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

// CommonJS packages inside an ESM bundle still ask for require and __dirname.
const banner = [
  "import {createRequire as __createRequire} from 'node:module'",
  "import {fileURLToPath as __fileURLToPath} from 'node:url'",
  "import {dirname as __pathDirname} from 'node:path'",
  'const require = __createRequire(import.meta.url)',
  'const __filename = __fileURLToPath(import.meta.url)',
  'const __dirname = __pathDirname(__filename)',
].join('\n')

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  banner: {js: banner},
  logLevel: 'warning',
}

// typescript and tsx are for development: bundled, they would add 11 MB that every start has to read.
const development = ['typescript', 'tsx', 'ts-node']

// Packages oclif requires at its start but uses only for help, globbing, themes and spinners: half of what a start would execute.
const seldom = [
  String.raw`\./config`,
  String.raw`\./help/util`,
  'ejs',
  'tinyglobby',
  'lilconfig',
  'minimatch',
  'semver',
  'cli-spinners',
  'wrap-ansi',
  'widest-line',
  'string-width',
  'indent-string',
  'clean-stack',
]

/** Puts off those packages until their first use. oclif's compiled code reads them as `name_1.property` only, so a proxy will do. */
const requireLate = {
  name: 'require-late',
  setup({onLoad}) {
    const statement = new RegExp(`^const (\\w+_1) = ((?:__importDefault\\()?require\\("(?:${seldom.join('|')})"\\)\\)?);$`, 'gm')
    onLoad({filter: /@oclif[/\\]core[/\\]lib[/\\].*\.js$/}, ({path}) => ({
      contents: readFileSync(path, 'utf8').replace(statement, 'const $1 = new Proxy({}, {get: (_, key) => ($2)[key]});'),
      loader: 'js',
    }))
  },
}

function sources(folder) {
  if (!existsSync(join(root, folder))) return []
  const found = readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
  return found.filter(file => file.isFile() && file.name.endsWith('.ts')).map(file => join(file.parentPath ?? file.path, file.name))
}

/** dist/run.js, dist/help.js, dist/commands/**, dist/hooks/** */
function buildCommandLine() {
  return build({
    ...shared,
    entryPoints: ['src/run.ts', 'src/help.ts', ...sources('src/commands'), ...sources('src/hooks')],
    outdir: 'dist',
    outbase: 'src',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [requireLate],
    external: [...development, 'dockerode', '@photostructure/sqlite'],
  })
}

/** Large, and loaded when it is first used, if ever. */
const seldomNeeded = ['acme-client']

/** dist/runtime.js and dist/git-hook.js: started by path, each with what it needs inside, packages with binaries outside. */
async function buildRuntime() {
  const entries = {
    runtime: 'src/lib/runtime/main.ts',
    'git-hook': 'src/lib/runtime/git/hook.ts',
  }
  const present = Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source))))
  for (const missing of Object.keys(entries).filter(name => !(name in present))) console.warn(`dist/${missing}.js: no source yet, left out`)
  if (Object.keys(present).length === 0) return
  await build({
    ...shared,
    entryPoints: present,
    outdir: 'dist',
    external: [...development, ...Object.keys(dependencies).filter(staysOutside)],
  })
}

function staysOutside(name) {
  return ['dockerode', '@photostructure/sqlite', ...seldomNeeded].includes(name)
}

rmSync(join(root, 'dist'), {recursive: true, force: true})
await Promise.all([buildCommandLine(), buildRuntime()])
