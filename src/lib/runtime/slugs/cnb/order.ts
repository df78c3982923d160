import type {ProjectBuildpack, ProjectToml} from '../../../schema/project-toml.js'
import {readToml, type TomlTable, tomlText} from '../../../schema/toml.js'
import {RejectedSource, type Source} from '../../buildpacks/buildpack.js'
import type {ContextFile} from '../context.js'
import type {Builder, GroupEntry} from './builder.js'

/** Which buildpacks a build tries, when not those of the builder's own order. */
export interface OrderPlan {
  /** Of order.toml; undefined = the builder's own. */
  order: string | undefined
  /** Buildpacks that are scripts in project.toml, below /cnb/buildpacks. */
  files: ContextFile[]
  /** Buildpacks that are folders of the source. */
  folders: {folder: string; id: string; version: string}[]
}

type Groups = Pick<ProjectToml, 'group' | 'pre' | 'post'>

/**
 * The buildpacks set on the app come first, then project.toml's, then the builder's order. Throws RejectedSource for one that cannot be
 * had, with what can.
 */
export async function orderPlan(builder: Builder, project: Groups, ofApp: string[], source: Source): Promise<OrderPlan> {
  const plan: OrderPlan = {order: undefined, files: [], folders: []}
  const entries = async (wanted: ProjectBuildpack[]): Promise<GroupEntry[]> => {
    const found: GroupEntry[] = []
    for (const one of wanted) found.push(await entryOf(builder, one, source, plan))
    return found
  }
  const group = ofApp.length > 0 ? ofApp.map(named) : project.group
  if (group.length > 0) return {...plan, order: orderToml([await entries(group)])}
  const [pre, post] = [await entries(project.pre), await entries(project.post)]
  if (pre.length + post.length === 0) return plan
  if (builder.order.length === 0) throw new RejectedSource([`The builder ${builder.name} tells no order that pre and post could add to.`])
  return {...plan, order: orderToml(builder.order.map(own => [...pre, ...own, ...post]))}
}

const fromBuilder = /^(urn:cnb:builder:|from=builder:)/

/** `heroku/nodejs@3.2.1`, or without a version. */
function named(name: string): ProjectBuildpack {
  const [id = '', version] = name.replace(fromBuilder, '').split('@')
  return version === undefined ? {id} : {id, version}
}

async function entryOf(builder: Builder, wanted: ProjectBuildpack, source: Source, plan: OrderPlan): Promise<GroupEntry> {
  const {id, version, uri, script, optional} = wanted
  const place = optional === true ? {optional} : {}
  if (script !== undefined) {
    const made = {id: id ?? `project/script-${plan.files.length + 1}`, version: version ?? '0.0.0'}
    plan.files.push(...scriptFiles(made, script))
    return {...made, ...place}
  }
  if (uri === undefined) return {...ofBuilder(builder, id ?? '', version), ...place}
  // As in `pack`, the name of one that the builder has may stand where a place could.
  const inside = named(uri)
  if (fromBuilder.test(uri) || builder.buildpacks.some(one => one.id === inside.id))
    return {...ofBuilder(builder, inside.id ?? '', inside.version), ...place}
  const local = await ofSource(uri, source)
  plan.folders.push(local)
  return {id: local.id, version: local.version, ...place}
}

function ofBuilder({name, buildpacks}: Builder, id: string, version: string | undefined): GroupEntry {
  const versions = buildpacks.filter(one => one.id === id).map(one => one.version)
  const found = version === undefined ? versions.at(-1) : versions.find(one => one === version)
  if (found !== undefined && (version !== undefined || versions.length === 1)) return {id, version: found}
  if (versions.length > 0)
    throw new RejectedSource([`The builder ${name} has ${id} ${versions.join(', ')}: ${version ?? 'no version'} was asked for.`])
  throw new RejectedSource([
    `The builder ${name} has no buildpack ${id}.`,
    `It has: ${[...new Set(buildpacks.map(one => one.id))].sort().join(', ') || 'none'}`,
  ])
}

/** A folder of the source with a buildpack.toml. Registries of buildpacks and other images are not asked. */
async function ofSource(uri: string, source: Source): Promise<OrderPlan['folders'][number]> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri))
    throw new RejectedSource([
      `The buildpack ${uri} cannot be had here: only those of the builder and folders of the source can.`,
      'Use a builder that has it, or put it into a folder and name that: uri = "./buildpacks/mine"',
    ])
  const folder = uri.replace(/^(\.\/)+/, '').replace(/\/+$/, '')
  const text = await source.text(`${folder}/buildpack.toml`)
  if (text === undefined) throw new RejectedSource([`There is no ${folder}/buildpack.toml in the source: ${uri} is no buildpack.`])
  const {id, version} = (readToml(text, `${folder}/buildpack.toml`)['buildpack'] ?? {}) as TomlTable
  if (typeof id !== 'string' || typeof version !== 'string' || !namePattern.test(`${id}/${version}`))
    throw new RejectedSource([`${folder}/buildpack.toml: names no id and version.`])
  return {folder, id, version}
}

const namePattern = /^[A-Za-z0-9_.@+/-]+$/

/** What is detected whatever the source is, and whose build is the script. */
function scriptFiles(
  {id, version}: {id: string; version: string},
  {api, inline, shell = '/bin/sh'}: NonNullable<ProjectBuildpack['script']>,
): ContextFile[] {
  if (!namePattern.test(`${id}/${version}`)) throw new RejectedSource([`project.toml: ${id} ${version} is no name of a buildpack.`])
  const folder = buildpackFolder(id, version)
  const file = (path: string, text: string, mode = 0o644): ContextFile => ({path: `${folder}/${path}`, content: Buffer.from(text), mode})
  return [
    file('buildpack.toml', tomlText({api, buildpack: {id, version, name: id}, targets: [{os: 'linux'}], stacks: [{id: '*'}]})),
    file('bin/detect', `#!${shell}\n\nexit 0\n`, 0o755),
    file('bin/build', `#!${shell}\n\n${inline}\n`, 0o755),
  ]
}

/** Where the lifecycle looks for one, below /cnb/buildpacks. */
export function buildpackFolder(id: string, version: string): string {
  return `${id.replaceAll('/', '_')}/${version}`
}

function orderToml(groups: GroupEntry[][]): string {
  return tomlText({order: groups.map(group => ({group}))})
}
