import {parseAppJson} from '../../schema/app-json.js'
import {type Buildpack, type PackedFile, RejectedSource, type Source} from '../buildpacks/buildpack.js'
import {classicBuildpack} from '../buildpacks/classic/classic.js'
import {buildpackNames, buildpacks, findBuildpack} from '../buildpacks/index.js'
import {type BuildpackAddress, buildpackAddress} from './buildpack-address.js'
import {BuildFailure, type CompileRequest} from './compile.js'

export interface Chosen {
  /** As somebody wrote it. */
  name: string
  buildpack: Buildpack
  kind: 'ours' | 'classic'
  /** What it detected; undefined until then. */
  language: string | undefined
}

type Output = CompileRequest['onLine']

/** Gets the files of a buildpack that is not ours. Throws RejectedSource. */
export type FetchBuildpack = (address: Exclude<BuildpackAddress, {kind: 'inline'}>, namedBy: 'app' | 'source') => Promise<PackedFile[]>

/** The buildpacks of this build: those set on the app, else app.json's or `.buildpacks`', else what detects the source, the last build's first. */
export async function chooseBuildpacks(source: Source, request: CompileRequest, fetch: FetchBuildpack): Promise<Chosen[]> {
  const {onLine} = request
  const named = await (request.buildpacks.length > 0 ? setOnApp(request.buildpacks, onLine, fetch) : ofSource(source, onLine, fetch))
  if (named.length === 0) return [await detect(source, request)]
  const names = named.map(({name}) => name)
  if (names.length === 1) onLine(`-----> Using buildpack: ${names[0]}`)
  else for (const line of ['-----> Using buildpacks:', ...names.map((name, index) => `       ${index + 1}. ${name}`)]) onLine(line)
  return named
}

/** With what ours make of the source; what a classic one makes of it, the build will tell. Throws BuildFailure when one does not know it. */
export async function detected(chosen: Chosen[], source: Source, onLine: Output): Promise<Chosen[]> {
  const known: Chosen[] = []
  for (const one of chosen) known.push(one.kind === 'classic' || one.language !== undefined ? one : await accepted(one, source, onLine))
  return known
}

/** What somebody chose must be had. */
async function setOnApp(names: string[], onLine: Output, fetch: FetchBuildpack): Promise<Chosen[]> {
  const named: Chosen[] = []
  for (const [index, name] of names.entries()) {
    try {
      named.push(await resolved(name, index + 1, address => fetch(address, 'app')))
    } catch (error) {
      if (!(error instanceof RejectedSource)) throw error
      for (const line of error.message.split('\n')) onLine(` !     ${line}`)
      onLine(' !     Push rejected, failed to compile.')
      throw new BuildFailure(error.message)
    }
  }
  return named
}

/** Whether a buildpack may be had by that name; whether it is there shows when it is fetched. */
export function isBuildpackName(name: string): boolean {
  return findBuildpack(name) !== undefined || buildpackAddress(name) !== undefined
}

export function unknownBuildpack(name: string): string[] {
  return [
    `The buildpack ${name} is not available here.`,
    `Available: ${buildpackNames.join(', ')}`,
    'Others by the URL of a git repository or a tarball, or by the path of a folder.',
  ]
}

type Fetch = (address: Parameters<FetchBuildpack>[0]) => Promise<PackedFile[]>

async function resolved(name: string, position: number, fetch: Fetch): Promise<Chosen> {
  const ours = findBuildpack(name)
  if (ours !== undefined) return {name, buildpack: ours, kind: 'ours', language: undefined}
  const address = buildpackAddress(name)
  if (address === undefined) throw new RejectedSource(unknownBuildpack(name))
  const files = address.kind === 'inline' ? undefined : await fetch(address)
  return {name, buildpack: classicBuildpack({name, position, files}), kind: 'classic', language: undefined}
}

/** Heroku reads app.json's when an app is set up, not at a push: one that cannot be had leaves the choice to the others, or to the source. */
async function ofSource(source: Source, onLine: Output, fetch: FetchBuildpack): Promise<Chosen[]> {
  const {file, names} = await fromAppJson(source, onLine).then(async ofAppJson =>
    ofAppJson.length > 0 ? {file: 'app.json', names: ofAppJson} : {file: '.buildpacks', names: await fromList(source)},
  )
  const named: Chosen[] = []
  for (const name of names) {
    try {
      named.push(await resolved(foreign(name), named.length + 1, address => fetch(address, 'source')))
    } catch (error) {
      if (!(error instanceof RejectedSource)) throw error
      onLine(` !     ${file} names the buildpack ${name}, which is not available here: it is left out.`)
      for (const line of error.message.split('\n').slice(1)) onLine(` !     ${line}`)
    }
  }
  return named
}

/** Source may come from anybody: it names no folder of this machine, and nothing that this user's keys for SSH open. */
function foreign(name: string): string {
  const address = findBuildpack(name) === undefined ? buildpackAddress(name) : undefined
  if (address?.kind === 'folder' || (address?.kind === 'git' && !/^(https?|git):/.test(address.url)))
    throw new RejectedSource([
      `The buildpack ${name} is not available here.`,
      'Only `buildpacks:set` can name one on this machine or behind SSH, not the source.',
    ])
  return name
}

async function fromAppJson(source: Source, onLine: Output): Promise<string[]> {
  const text = await source.text('app.json')
  if (text === undefined) return []
  const {appJson, problems} = parseAppJson(text)
  // Other tools have files of this name too: what is wrong in it must not stop a build.
  for (const problem of problems) onLine(` !     ${problem}`)
  return (appJson?.buildpacks ?? []).map(({url}) => url)
}

/** `.buildpacks`, which heroku-buildpack-multi reads: a URL a line. */
async function fromList(source: Source): Promise<string[]> {
  const lines = ((await source.text('.buildpacks')) ?? '').split(/\r?\n/).map(line => line.trim())
  return lines.filter(line => line !== '' && !line.startsWith('#'))
}

async function detect(source: Source, {detectedBuildpack, onLine}: CompileRequest): Promise<Chosen> {
  onLine('-----> Determining which buildpack to use for this app')
  const last = detectedBuildpack === undefined ? undefined : findBuildpack(detectedBuildpack)
  for (const buildpack of [...(last === undefined ? [] : [last]), ...buildpacks]) {
    const language = await buildpack.detect(source)
    if (language === undefined) continue
    onLine(`-----> ${language} app detected`)
    return {name: buildpack.name, buildpack, kind: 'ours', language}
  }
  const indent = ' '.repeat(24)
  onLine(' !     No default language could be detected for this app.')
  onLine(`${indent}HINT: This occurs when the buildpack to use for this application cannot be detected automatically.`)
  onLine(`${indent}Here the root of the source decides: ${buildpacks.map(({name}) => name).join(', ')} can be detected.`)
  if (source.has('Dockerfile') || source.has('heroku.yml')) onLine(`${indent}To build it from its Dockerfile: hokku stack:set container`)
  onLine(`${indent}See https://devcenter.heroku.com/articles/buildpacks`)
  throw new BuildFailure('No default language could be detected for this app.')
}

async function accepted(chosen: Chosen, source: Source, onLine: Output): Promise<Chosen> {
  const {name, buildpack} = chosen
  const language = await buildpack.detect(source)
  if (language !== undefined) {
    onLine(`-----> ${language} app detected`)
    return {...chosen, language}
  }
  for (const line of await buildpack.rejection(source)) onLine(` !     ${line}`.trimEnd())
  onLine(`-----> App not compatible with buildpack: ${name}`)
  onLine('       More info: https://devcenter.heroku.com/articles/buildpacks#buildpack-auto-detection')
  throw new BuildFailure(`App not compatible with buildpack: ${name}`)
}
