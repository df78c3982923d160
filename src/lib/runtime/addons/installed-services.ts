import {existsSync, readdirSync, renameSync, rmSync} from 'node:fs'
import {mkdir, mkdtemp, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {extract} from 'tar-stream'
import {label} from '../../engine/labels.js'
import {type AddonManifest, parseAddonManifest} from '../../schema/addon-manifest.js'
import {PlatformError} from '../../schema/errors.js'
import type {InstalledService} from '../../schema/installed-service.js'
import {Queues} from '../support/queues.js'
import type {AddonRecord} from './addons.js'
import {sealSecrets} from './partner/secrets.js'
import {oweUpdate, type Parts} from './parts.js'
import type {Provisioning} from './provisioning.js'

/** Bytes of a folder's files together: an image's larger parts are downloaded when it is built. */
const largest = 64 << 20

/** Services beside the catalogue's own: each a folder of the home, put there whole or not at all. */
export class InstalledServices {
  private readonly queues = new Queues()

  constructor(
    private readonly parts: Parts,
    private readonly work: Pick<Provisioning, 'ensure' | 'deprovision'>,
  ) {}

  async list(): Promise<InstalledService[]> {
    const {catalogue, servicesDirectory: directory} = this.parts
    const own = catalogue.services().filter(({manifest}) => existsSync(this.manifestOf(manifest.id)))
    return await Promise.all(
      own.map(async ({manifest: {id: name, local}}) => ({
        name,
        ...(local.partner !== undefined && {partner: {base_url: local.partner.base_url}}),
        human_name: local.human_name,
        description: local.description,
        plans: local.plans.map(plan => `${name}:${plan.name}`),
        addons: this.addonsOf(name).map(addon => addon.name),
        installed_at: (await stat(join(directory, name))).mtime.toISOString(),
      })),
    )
  }

  /**
   * Takes a folder as a gzipped tar. Its manifest must be faultless and its name free; a service that is installed already is replaced, and
   * its add-ons' servers with it. Throws invalid_params with every fault, conflict.
   */
  install(tarball: Readable): Promise<InstalledService> {
    return this.queues.run('services', async () => {
      const {servicesDirectory: directory, catalogue, log} = this.parts
      await mkdir(directory, {recursive: true, mode: 0o700})
      const fresh = await mkdtemp(join(directory, '.new-'))
      try {
        const text = await unpack(tarball, fresh)
        const manifest = checked(this.parts, text, fresh)
        const wanted = {seal: this.parts.seal, replaces: join(directory, manifest.id)}
        const secrets = manifest.local.server === 'partner' ? await sealSecrets(fresh, JSON.parse(text), wanted) : undefined
        const old = existsSync(this.manifestOf(manifest.id)) ? catalogue.service(manifest.id).manifest : undefined
        if (old !== undefined) checkReplaces(this.addonsOf(old.id), old, manifest)
        await exchange(directory, manifest.id, fresh)
        catalogue.reload()
        log.info('add-on service installed', {service: manifest.id})
        if (old !== undefined) this.follow(old, manifest)
        const installed = (await this.list()).find(one => one.name === manifest.id) as InstalledService
        return secrets === undefined ? installed : {...installed, oauth_client_secret: secrets.clientSecret}
      } finally {
        await rm(fresh, {recursive: true, force: true})
      }
    })
  }

  /** Throws not_found, and conflict while an add-on, a snapshot or another service needs it. */
  uninstall(name: string): Promise<InstalledService> {
    return this.queues.run('services', async () => {
      const found = (await this.list()).find(one => one.name === name)
      if (found === undefined)
        throw new PlatformError('not_found', `Couldn't find an installed service ${name}. addons:installed lists those there are.`)
      this.checkUnused(name)
      // What could not be provisioned is kept for whoever waits for it. Without its service nobody could tell what it is.
      for (const {id, service} of this.parts.rows.addons()) if (service === name) await this.work.deprovision(id)
      this.parts.partners.farewells.removeOf(name)
      await rm(join(this.parts.servicesDirectory, name), {recursive: true, force: true})
      this.parts.catalogue.reload()
      await this.removeImages(name).catch(error => this.parts.log.info('images of an uninstalled service stay', {service: name, error}))
      return found
    })
  }

  /** The servers of a service that was replaced get the new image in the background, their apps a release when config vars changed. */
  private follow(old: AddonManifest, manifest: AddonManifest): void {
    const {rows, owed, log} = this.parts
    const changed = JSON.stringify(old.local.config_vars) !== JSON.stringify(manifest.local.config_vars)
    for (const addon of this.addonsOf(manifest.id).filter(one => one.state === 'provisioned')) {
      const apps = changed ? rows.transaction(() => oweUpdate(this.parts, addon)) : []
      void this.work
        .ensure(addon.id)
        .then(() => Promise.all(apps.map(appId => owed.settle(appId))))
        .catch(error => log.error('add-on does not follow its service', {addon: addon.name, error}))
    }
  }

  private checkUnused(name: string): void {
    const addons = this.addonsOf(name).map(addon => addon.name)
    if (addons.length > 0) throw new PlatformError('conflict', `${name} has add-ons: ${addons.join(', ')}. Destroy them first.`)
    const snapshots = this.parts.snapshots.list().filter(one => one.service === name)
    if (snapshots.length > 0) {
      const names = snapshots.map(one => one.name).join(', ')
      throw new PlatformError('conflict', `${name} is needed to restore ${names}. Remove those with addons:snapshots:destroy first.`)
    }
    const extending = this.parts.catalogue.services().filter(({manifest}) => manifest.local.extends === name)
    if (extending.length > 0) throw new PlatformError('conflict', `${extending.map(one => one.manifest.id).join(', ')} extends ${name}.`)
  }

  private async removeImages(name: string): Promise<void> {
    const {engine} = this.parts
    for (const image of await engine.images({[label.kind]: 'addon'}))
      for (const tag of image.tags) if (tag.startsWith(`hokku/addon-${name}:`)) await engine.removeImage(tag)
  }

  private addonsOf(service: string): AddonRecord[] {
    return this.parts.rows.addons().filter(addon => addon.service === service && addon.state !== 'deprovisioned')
  }

  private manifestOf(service: string): string {
    return join(this.parts.servicesDirectory, service, 'addon-manifest.json')
  }
}

/** The new folder of a service takes the old one's place. A kill in the middle is undone by `tidyServices`. */
async function exchange(directory: string, service: string, fresh: string): Promise<void> {
  const aside = join(directory, `.old-${service}`)
  if (existsSync(join(directory, service))) await rename(join(directory, service), aside)
  await rename(fresh, join(directory, service))
  await rm(aside, {recursive: true, force: true})
}

/** What a runtime that was killed while it installed left: an old folder comes back where there is no new one. Before the folders are read. */
export function tidyServices(directory: string): void {
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const [, service] = /^\.old-(.+)$/.exec(name) ?? []
    if (service !== undefined && !existsSync(join(directory, service))) renameSync(join(directory, name), join(directory, service))
    else if (name.startsWith('.')) rmSync(join(directory, name), {recursive: true, force: true})
  }
}

/** The manifest of an unpacked folder. Throws invalid_params for one that could not serve, conflict for a name of the catalogue's own. */
function checked(parts: Parts, text: string, folder: string): AddonManifest {
  let manifest: AddonManifest
  try {
    manifest = parseAddonManifest(text, 'addon-manifest.json', service => parts.catalogue.manifestText(service))
  } catch (error) {
    throw new PlatformError('invalid_params', (error as Error).message, {cause: error})
  }
  const {id, local} = manifest
  if (local.server === 'runtime')
    throw new PlatformError('invalid_params', 'local/server: only services that come with hokku are served by it')
  const names = [id, ...local.aliases]
  const others = parts.catalogue.services().filter(one => one.manifest.id !== id || readdirSync(parts.catalogueDirectory).includes(id))
  const taken = others.flatMap(one => [one.manifest.id, ...one.manifest.local.aliases]).find(name => names.includes(name))
  if (taken !== undefined) throw new PlatformError('conflict', `There is an add-on service ${taken} already. Give yours another name.`)
  if (local.server === 'container' && local.extends === undefined && !existsSync(join(folder, 'Dockerfile')))
    throw new PlatformError('invalid_params', 'The folder has no Dockerfile, and its manifest extends no service that has one.')
  return manifest
}

/** Add-ons that there are must find themselves in the new manifest. */
function checkReplaces(addons: AddonRecord[], old: AddonManifest, manifest: AddonManifest): void {
  if (addons.length > 0 && old.local.server !== manifest.local.server)
    throw new PlatformError('conflict', `${addons.map(one => one.name).join(', ')} would lose what serves them. Destroy them first.`)
  const plans = new Set(manifest.local.plans.map(plan => plan.name))
  for (const addon of addons) {
    if (!plans.has(addon.plan))
      throw new PlatformError('conflict', `${addon.name} has the plan ${addon.plan}, which the new manifest does not have.`)
    const missing = Object.keys(manifest.local.credentials).filter(name => addon.credentials[name] === undefined)
    if (missing.length > 0)
      throw new PlatformError('conflict', `${addon.name} has no ${missing.join(', ')}, which the new manifest wants. Destroy it first.`)
  }
}

/** Writes the files of a gzipped tar into a folder; the text of its manifest. Throws invalid_params. */
async function unpack(tarball: Readable, folder: string): Promise<string> {
  const files = extract()
  const packed = createGunzip()
  tarball.on('error', error => packed.destroy(error)).pipe(packed)
  packed.on('error', error => files.destroy(error)).pipe(files)
  let bytes = 0
  try {
    for await (const entry of files) {
      const {name, type, mode = 0o644, size = 0} = entry.header
      bytes += size
      if (bytes > largest) throw new PlatformError('invalid_params', `The folder has more than ${largest >> 20} MB.`)
      if (name.startsWith('/') || name.split('/').includes('..'))
        throw new PlatformError('invalid_params', `The archive holds ${name}: refused.`)
      if (type === 'file') await put(join(folder, name), await contentOf(entry), mode)
      else entry.resume()
    }
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw new PlatformError('invalid_params', `The archive cannot be read: ${(error as Error).message}`, {cause: error})
  }
  return await readFile(join(folder, 'addon-manifest.json'), 'utf8').catch(() => {
    throw new PlatformError('invalid_params', 'The folder has no addon-manifest.json.')
  })
}

async function put(path: string, content: Buffer, mode: number): Promise<void> {
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, content, {mode: mode & 0o100 ? 0o755 : 0o644})
}

async function contentOf(entry: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of entry) parts.push(part)
  return Buffer.concat(parts)
}
