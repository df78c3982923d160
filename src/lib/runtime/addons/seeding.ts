import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {extract, type Headers, type Pack, pack} from 'tar-stream'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import type {CatalogueService} from './catalogue.js'
import {withoutCertificate} from './credentials.js'
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

/**
 * Reads the options of a new add-on: `snapshot` names one that its data shall come from, `fork` another add-on. Throws not_found,
 * invalid_params, conflict.
 */
export function seedOf({snapshots}: Parts, service: CatalogueService, options: Record<string, string>, find: Find): Seed {
  const {snapshot: identity, fork} = options
  if (identity !== undefined && fork !== undefined)
    throw new PlatformError('invalid_params', 'An add-on begins with a snapshot or as a fork, not both.')
  if (fork !== undefined) return forkOf(service, options, find(fork))
  if (identity === undefined) return {options, credentials: {}}
  const snapshot = snapshots.get(identity)
  if (snapshot.service !== service.manifest.id)
    throw new PlatformError('invalid_params', `The snapshot of ${snapshot.name} is of ${snapshot.service}, not of ${service.manifest.id}.`)
  return {options: {...options, snapshot: snapshot.id}, credentials: withoutCertificate(snapshot.credentials)}
}

function forkOf(service: CatalogueService, options: Record<string, string>, found: AddonRecord[]): Seed {
  const {clone} = service.manifest.local
  const [source, another] = found
  if (clone === undefined) throw new PlatformError('invalid_params', `${service.manifest.id} cannot be forked.`)
  if (source === undefined || another !== undefined)
    throw new PlatformError('invalid_params', `${options['fork']} means several add-ons: ${found.map(one => one.name).join(', ')}.`)
  if (source.service !== service.manifest.id)
    throw new PlatformError('invalid_params', `${source.name} is a ${source.service} add-on, not one of ${service.manifest.id}.`)
  if (source.state !== 'provisioned')
    throw new PlatformError('conflict', `${source.name} is ${source.state}. Try again when it is provisioned.`)
  const kept = Object.entries(source.credentials).filter(([name]) => clone.keeps.includes(name))
  return {options: {...options, fork: source.id}, credentials: Object.fromEntries(kept)}
}

/** Fills the volume of an add-on whose server was never seen by anybody. What a kill left of an earlier try goes first. */
export async function seed(parts: Parts, addon: AddonRecord, image: string): Promise<void> {
  const {instances, snapshots} = parts
  const {snapshot, fork} = addon.options
  if (snapshot === undefined && fork === undefined) return
  await instances.remove(addon.id)
  const volume = await ensureVolume(parts, addon.id)
  if (snapshot !== undefined) await snapshots.fill(volume, snapshot, image)
  else await fillFrom(parts, fork as string, {volume, image})
}

async function fillFrom(
  {rows, catalogue, instances, engine}: Parts,
  sourceId: string,
  {volume, image}: {volume: string; image: string},
): Promise<void> {
  const source = rows.addon(sourceId)
  if (source === undefined) throw new PlatformError('not_found', 'The add-on that is to be forked is gone.')
  const {clone} = catalogue.service(source.service).manifest.local
  if (clone === undefined) throw new PlatformError('invalid_params', `${source.service} cannot be forked.`)
  const session = await instances.open(source, clone.command, undefined)
  session.stream.end()
  const moved = pack()
  const copying = below(session.stream, `volume/${clone.root}`, moved, async () => {
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
