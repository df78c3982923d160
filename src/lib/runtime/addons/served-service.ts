import {notFound, PlatformError} from '../../schema/errors.js'
import type {AppRecord} from '../apps/app-record.js'
import {sameText} from '../support/same-text.js'
import type {Seal} from '../support/seal.js'
import type {AddonRecord} from './addons.js'
import type {Catalogue} from './catalogue.js'

export interface ServedDeps {
  addons: {list(): AddonRecord[]; listOf(appId: string): AddonRecord[]; catalogue: Pick<Catalogue, 'service'>}
  seal: Seal
}

/** How the runtime finds the add-ons of a service that it serves itself: by app, by what their clients know, by the address of their page. */
export class ServedService {
  /** `label`: what people call it. */
  constructor(
    private readonly name: string,
    private readonly label: string,
    private readonly deps: ServedDeps,
  ) {}

  /** Whether it is one of this service, or of one that extends it. */
  serves(addon: AddonRecord): boolean {
    return this.deps.addons.catalogue.service(addon.service).image.service === this.name
  }

  /** The add-on of an app. Throws not_found. */
  of(app: AppRecord): AddonRecord {
    const found = this.deps.addons.listOf(app.id).find(addon => this.serves(addon))
    if (found !== undefined) return found
    throw new PlatformError('not_found', `${app.name} has no ${this.label}. Add it with addons:create ${this.name}.`, {resource: 'add_on'})
  }

  /** The add-on one of whose credentials is that. Throws unauthorized. */
  by(credential: string, secret: string): AddonRecord {
    const found = this.all().find(addon => sameText(addon.credentials[credential] ?? '', secret))
    if (found === undefined)
      throw new PlatformError('unauthorized', `The token is none of a ${this.label} add-on: a config var of its app has it.`)
    return found
  }

  /** Path of an add-on's page, which lets in whoever knows it. */
  pagePath(addonId: string): string {
    return `/${this.name}/${addonId}/${this.key(addonId)}`
  }

  /** Throws not_found. */
  ofPage(addonId: string, key: string): AddonRecord {
    const found = this.all().find(addon => addon.id === addonId && sameText(this.key(addonId), key))
    if (found === undefined) throw notFound('add_on')
    return found
  }

  private key(addonId: string): string {
    return this.deps.seal.digest(`${this.name} page of ${addonId}`).slice(0, 32)
  }

  private all(): AddonRecord[] {
    return this.deps.addons.list().filter(addon => this.serves(addon))
  }
}
