import {parseAppJson} from '../../schema/app-json.js'
import type {Buildpack, Source} from '../buildpacks/buildpack.js'
import {buildpacks, findBuildpack} from '../buildpacks/index.js'
import {BuildFailure, type CompileRequest} from './compile.js'

export interface Chosen {
  buildpack: Buildpack
  /** What it detected. */
  language: string
}

type Output = CompileRequest['onLine']

/** The buildpacks of this build: those set on the app, else app.json's, else what detects the source, the last build's first. */
export async function chooseBuildpacks(source: Source, request: CompileRequest): Promise<Chosen[]> {
  const {onLine} = request
  const named = request.buildpacks.length > 0 ? request.buildpacks : await fromAppJson(source, onLine)
  if (named.length === 0) return [await detect(source, request)]
  if (named.length === 1) onLine(`-----> Using buildpack: ${named[0]}`)
  else for (const line of ['-----> Using buildpacks:', ...named.map((name, index) => `       ${index + 1}. ${name}`)]) onLine(line)
  const chosen: Chosen[] = []
  for (const name of named) chosen.push(await accepted(name, source, onLine))
  return chosen
}

async function fromAppJson(source: Source, onLine: Output): Promise<string[]> {
  const text = await source.text('app.json')
  if (text === undefined) return []
  const {appJson, problems} = parseAppJson(text)
  // Other tools have files of this name too: what is wrong in it must not stop a build.
  for (const problem of problems) onLine(` !     ${problem}`)
  // Heroku reads them when an app is set up, not at a push: one that cannot be had here leaves the choice to the others, or to the source.
  return (appJson?.buildpacks ?? []).flatMap(({url}) => {
    if (findBuildpack(url) !== undefined) return [url]
    onLine(` !     app.json names the buildpack ${url}, which is not available here: it is left out.`)
    return []
  })
}

async function detect(source: Source, {detectedBuildpack, onLine}: CompileRequest): Promise<Chosen> {
  onLine('-----> Determining which buildpack to use for this app')
  const last = detectedBuildpack === undefined ? undefined : findBuildpack(detectedBuildpack)
  for (const buildpack of [...(last === undefined ? [] : [last]), ...buildpacks]) {
    const language = await buildpack.detect(source)
    if (language === undefined) continue
    onLine(`-----> ${language} app detected`)
    return {buildpack, language}
  }
  const indent = ' '.repeat(24)
  onLine(' !     No default language could be detected for this app.')
  onLine(`${indent}HINT: This occurs when the buildpack to use for this application cannot be detected automatically.`)
  onLine(`${indent}Here the root of the source decides: ${buildpacks.map(({name}) => name).join(', ')} can be detected.`)
  onLine(`${indent}See https://devcenter.heroku.com/articles/buildpacks`)
  throw new BuildFailure('No default language could be detected for this app.')
}

async function accepted(name: string, source: Source, onLine: Output): Promise<Chosen> {
  const buildpack = findBuildpack(name)
  if (buildpack === undefined) {
    onLine(` !     The buildpack ${name} is not available here.`)
    onLine(` !     Available: ${buildpacks.map(known => known.name).join(', ')}`)
    onLine(' !     Push rejected, failed to compile.')
    throw new BuildFailure(`The buildpack ${name} is not available here.`)
  }
  const language = await buildpack.detect(source)
  if (language !== undefined) {
    onLine(`-----> ${language} app detected`)
    return {buildpack, language}
  }
  for (const line of await buildpack.rejection(source)) onLine(` !     ${line}`.trimEnd())
  onLine(`-----> App not compatible with buildpack: ${name}`)
  onLine('       More info: https://devcenter.heroku.com/articles/buildpacks#buildpack-auto-detection')
  throw new BuildFailure(`App not compatible with buildpack: ${name}`)
}
