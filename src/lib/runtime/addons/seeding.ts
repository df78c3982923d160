import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {extract, type Headers, type Pack, pack} from 'tar-stream'
import type {AddonPlan} from '../../schema/addon-manifest.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import {withoutCertificate} from './credentials.js'
import {checkOffered} from './following.js'
import {checkReachable, momentOf} from './going-back.js'
import {ensureVolume} from './instance.js'
import type {Parts} from './parts.js'

/** What an add-on's first data comes from: options of its creation. */
export interface Seed {
  /** As they are kept with the add-on. */
  options: Record<string, string>
  /** Those that the data knows; the others are made anew. */
  credentials: Record<string, string>
}

/** The add-ons that a name means in the app which the new one is for. */
export type Find = (identity: string) => AddonRecord[]

const beginnings = ['snapshot', 'fork', 'rollback', 'follow'] as const

/**
 * Reads the options of a new add-on: `snapshot` names one that its data shall come from, `fork` another add-on, `rollback` too, with the
 * moment in `to` or `by`; `follow` names the leader of a follower. Throws not_found, invalid_params, conflict, service_unavailable.
 */
export async function seedOf(
  parts: Parts,
  service: CatalogueService,
  plan: AddonPlan,
  given: Record<string, string>,
  find: Find,
): Promise<Seed> {
  const {to: _to, by: _by, pool_port: _port, ...options} = given
  const [how, another] = beginnings.filter(name => options[name] !== undefined)
  if (another !== undefined)
    throw new PlatformError('invalid_params', `An add-on begins with one of ${beginnings.join(', ')}, not with several.`)
  if (how === undefined) return {options, credentials: {}}
  const identity = options[how] as string
  if (how === 'snapshot') return snapshotOf(parts, service, options)
  const source = sourceOf(service, identity, find)
  if (how === 'fork') return {options: {...options, fork: source.id}, credentials: keptOf(source, cloneOf(service).keeps)}
  if (how === 'follow') return followerOf(parts, source, plan, options)
  const moment = momentOf(given, parts.clock.now())
  await checkReachable(parts, source, moment)
  const keeps = service.manifest.local.rollback?.keeps ?? []
  return {options: {...options, rollback: source.id, to: moment.toISOString()}, credentials: keptOf(source, keeps)}
}

function snapshotOf({snapshots}: Parts, service: CatalogueService, options: Record<string, string>): Seed {
  const snapshot = snapshots.get(options['snapshot'] as string)
  if (snapshot.service !== service.manifest.id)
    throw new PlatformError('invalid_params', `The snapshot of ${snapshot.name} is of ${snapshot.service}, not of ${service.manifest.id}.`)
  return {options: {...options, snapshot: snapshot.id}, credentials: withoutCertificate(snapshot.credentials)}
}

/** The one add-on that is meant, which must serve. */
function sourceOf(service: CatalogueService, identity: string, find: Find): AddonRecord {
  const found = find(identity)
  const [source, another] = found
  if (source === undefined || another !== undefined)
    throw new PlatformError('invalid_params', `${identity} means several add-ons: ${found.map(one => one.name).join(', ')}.`)
  if (source.service !== service.manifest.id)
    throw new PlatformError('invalid_params', `${source.name} is a ${source.service} add-on, not one of ${service.manifest.id}.`)
  if (source.state !== 'provisioned')
    throw new PlatformError('conflict', `${source.name} is ${source.state}. Try again when it is provisioned.`)
  return source
}

/** A follower is its leader in all that its data knows. */
function followerOf(parts: Parts, leader: AddonRecord, plan: AddonPlan, options: Record<string, string>): Seed {
  for (const name of [leader.plan, plan.name]) checkOffered(parts, {service: leader.service, plan: name}, 'follow')
  const further = parts.rows.addon(leader.options['follow'] ?? '')?.name
  if (further !== undefined)
    throw new PlatformError(
      'invalid_params',
      `${leader.name} is a follower of ${further} itself. Followers cannot be followed: follow ${further}.`,
    )
  return {options: {...options, follow: leader.id}, credentials: withoutCertificate(leader.credentials)}
}

function cloneOf(service: CatalogueService) {
  const {clone} = service.manifest.local
  if (clone === undefined) throw new PlatformError('invalid_params', `${service.manifest.id} cannot be forked.`)
  return clone
}

function keptOf({credentials}: AddonRecord, keeps: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(credentials).filter(([name]) => keeps.includes(name)))
}

/** Fills the volume of an add-on whose server was never seen by anybody. What a kill left of an earlier try goes first. */
export async function seed(parts: Parts, addon: AddonRecord, image: string): Promise<void> {
  const {instances, snapshots} = parts
  const {snapshot, fork, follow, rollback, to = ''} = addon.options
  const {local} = parts.catalogue.service(addon.service).manifest
  if (follow !== undefined && parts.rows.addon(follow)?.state !== 'provisioned')
    throw new PlatformError('not_found', 'The add-on that it was to follow is gone.')
  if (snapshot === undefined && fork === undefined && rollback === undefined) return
  await instances.remove(addon.id)
  const volume = await ensureVolume(parts, addon.id)
  if (snapshot !== undefined) await snapshots.fill(volume, snapshot, image)
  else if (fork !== undefined && local.clone !== undefined) await fillFrom(parts, fork, local.clone, {volume, image})
  else if (rollback !== undefined && local.rollback !== undefined) {
    const {command, root} = local.rollback
    await fillFrom(parts, rollback, {command: [...command, to], root}, {volume, image})
  }
}

async function fillFrom(
  {rows, instances, engine}: Parts,
  sourceId: string,
  {command, root}: {command: string[]; root: string},
  {volume, image}: {volume: string; image: string},
): Promise<void> {
  const source = rows.addon(sourceId)
  if (source === undefined) throw new PlatformError('not_found', 'The add-on that its data is to come from is gone.')
  const session = await instances.open(source, command, undefined)
  session.stream.end()
  const moved = pack()
  const copying = below(session.stream, `volume/${root}`, moved, async () => {
    const code = await session.ended
    if (code !== 0)
      throw new PlatformError('service_unavailable', `${source.name} could not be copied: exit code ${code}. Its log says more.`)
  })
  await Promise.all([copying, engine.fillVolume(volume, image, moved as unknown as Readable)])
}

/** Moves what is in a tar into a folder; `whole` throws unless all of it has come. The folder has the owner of what is in it. */
async function below(from: Readable, folder: string, to: Pack, whole: () => Promise<void>): Promise<void> {
  const entries = extract()
  const reading = pipeline(from, entries)
  reading.catch(() => undefined)
  try {
    let first = true
    for await (const entry of entries) {
      if (first) for (const name of parents(folder)) await add(to, {...owner(entry.header), name, type: 'directory', mode: 0o700})
      first = false
      const name = `${folder}/${entry.header.name}`
      const target = to.entry({...entry.header, name, pax: null} as Headers)
      await pipeline(entry, target)
    }
    await reading
    await whole()
    to.finalize()
  } catch (error) {
    to.destroy(error as Error)
    throw error
  }
}

function parents(folder: string): string[] {
  const parts = folder.split('/')
  return parts.map((_part, at) => `${parts.slice(0, at + 1).join('/')}/`)
}

function owner({uid, gid, mtime}: Headers): Partial<Headers> {
  return {uid, gid, mtime}
}

function add(to: Pack, header: Headers): Promise<void> {
  return new Promise((resolve, reject) => void to.entry(header, error => (error ? reject(error) : resolve())))
}
