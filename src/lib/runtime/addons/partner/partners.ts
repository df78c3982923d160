import {notFound, PlatformError} from '../../../schema/errors.js'
import {sameText} from '../../support/same-text.js'
import type {AddonRecord} from '../addons.js'
import type {Parts} from '../parts.js'
import type {Provisioning} from '../provisioning.js'
import {setConfig} from './config.js'
import {type Exchange, exchange, type TokenAnswer} from './grants.js'
import {inputToken, readFrames} from './log-input.js'
import {secretsOf} from './partner-server.js'
import {signOnKey} from './sso.js'

/** What partners may do with their own add-ons, each with the token of one. */
export class Partners {
  constructor(
    private readonly parts: Parts,
    private readonly work: Provisioning,
  ) {}

  /** Tokens for a code or a refresh token. Throws unauthorized. */
  exchange(wanted: Exchange): TokenAnswer {
    return exchange(this.parts.partners, this.parts.clock, wanted, (addonId, clientSecret) => {
      const addon = this.parts.rows.addon(addonId)
      return addon !== undefined && sameText(secretsOf(this.parts, addon.service).clientSecret, clientSecret)
    })
  }

  /** The add-on that an access token is for; undefined when it is none, or no longer. */
  bearer(token: string): AddonRecord | undefined {
    const addonId = token === '' ? undefined : this.parts.partners.grants.find(token, 'access', this.parts.clock.now())
    return addonId === undefined ? undefined : this.parts.rows.addon(addonId)
  }

  /** The add-on that an address signs people on to, for an hour or two. Throws not_found. */
  signOn(addonId: string, key: string): AddonRecord {
    const addon = this.parts.rows.addon(addonId)
    const good = [0, 1].some(ago => sameText(signOnKey(this.parts, addonId, ago), key))
    if (addon === undefined || !good) throw notFound('add_on')
    return addon
  }

  /** Writes what a partner has to say into the log of its add-on's app. Throws unauthorized, invalid_params. */
  log(token: string, body: Buffer): void {
    const {rows, seal, catalogue, clock, logs} = this.parts
    const mayLog = (addon: AddonRecord): boolean => catalogue.service(addon.service).manifest.api.requires.includes('log_input')
    const addon = rows.addons().find(one => mayLog(one) && sameText(inputToken(seal, one.id), token))
    if (addon === undefined) throw new PlatformError('unauthorized', 'Invalid credentials provided.')
    for (const entry of readFrames(body, clock.now())) logs.append(addon.appId, entry)
  }

  /** Sets config vars, and takes away those that are null. An add-on that is in use gets a release in every app, if anything is another. Throws invalid_params. */
  async setConfig(addon: AddonRecord, changes: Record<string, string | null>): Promise<void> {
    await Promise.all(setConfig(this.parts, addon, changes).map(appId => this.parts.owed.settle(appId)))
  }

  /** The partner says that it serves. Said before is success. Throws conflict for one that ends. */
  async provisioned(addon: AddonRecord): Promise<AddonRecord> {
    if (addon.state === 'deprovisioning' || addon.state === 'deprovisioned')
      throw new PlatformError('conflict', `${addon.name} is ${addon.state}.`)
    await this.work.complete(addon.id)
    const said = this.parts.partners.get(addon.id)
    if (said !== undefined) this.parts.partners.put({...said, deadline: undefined})
    return this.parts.rows.addon(addon.id) as AddonRecord
  }

  /** The partner says that nothing serves any more: it gives a new add-on up, or has ended one as it was asked. Throws conflict. */
  async deprovisioned(addon: AddonRecord): Promise<AddonRecord> {
    if (addon.state === 'provisioned') throw new PlatformError('conflict', `${addon.name} is in use: its owner did not destroy it.`)
    if (addon.state === 'provisioning') await this.work.giveUp(addon.id, new Error(`${addon.service} could not provision it`))
    else this.parts.rows.deleteAddon(addon.id)
    return {...addon, state: 'deprovisioned'}
  }
}
