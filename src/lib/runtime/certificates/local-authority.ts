import {writeFileSync} from 'node:fs'
import type {Identity} from '../../schema/certificate-chain.js'
import type {Home} from '../../schema/home.js'
import {readSetting, type Store, writeSetting} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Seal} from '../support/seal.js'
import {makeAuthority, makeLeaf, type Signer, signerOf} from '../support/x509.js'

const day = 86_400_000
/** The names under which the API's TLS side and the router itself answer. */
const loopback = ['127.0.0.1', 'localhost', '::1']
/** All that the authority may certify, with what is below it: names that mean nothing outside of a machine or a test (RFC 2606). */
const permitted = [...loopback, 'test']
/** macOS accepts 825 days at most of a server certificate. */
const leafDays = 397
const authorityDays = 3650
const renewDays = 30
const settingKey = 'ca.identity'
const serverKey = 'ca.server'

interface Authority extends Identity {
  name: string
  permitted: string[]
}

/** A certificate with its key, and until when it is used: 30 days before it expires there is another one. */
export interface Leaf extends Identity {
  until: Date
}

/** The certificate authority of a home, made once, and what it certifies. Clients trust it by its file, or after `certs:trust`. */
export class LocalAuthority {
  private readonly authority: Authority
  private leaf: Leaf | undefined
  private signer: Signer | undefined

  constructor(private readonly parts: {home: Home; homeId: string; store: Store; seal: Seal; clock: Clock; log: RuntimeLog}) {
    this.authority = this.kept() ?? this.make()
    writeFileSync(parts.home.ca, this.authority.certificate)
  }

  /** Certificate of the authority, PEM. */
  get certificate(): string {
    return this.authority.certificate
  }

  /**
   * Of whatever answers under loopback names: the API's TLS side, and the router where no app is asked for. The next runtime has the same:
   * for another one HAProxy would have to be reloaded at every start.
   */
  server(): Leaf {
    this.leaf ??= this.keptServer()
    if (this.leaf === undefined || !isFresh(this.leaf, this.parts.clock)) {
      this.leaf = this.issue(loopback)
      this.keepServer(this.leaf)
    }
    return this.leaf
  }

  /** Whether clients would accept a certificate of this authority for that host name. */
  certifies(hostname: string): boolean {
    return permitted.some(name => hostname === name || hostname.endsWith(`.${name}`))
  }

  /** `days`: how long it is valid, if it is not for browsers. */
  issue(hostnames: string[], days = leafDays): Leaf {
    const {clock} = this.parts
    this.signer ??= signerOf(this.authority, this.authority.name)
    const {certificate, key} = makeLeaf(this.signer, hostnames, span(clock, days))
    return {certificate, key, until: new Date(clock.now().getTime() + (days - renewDays) * day)}
  }

  private keptServer(): Leaf | undefined {
    const sealed = readSetting(this.parts.store, serverKey)
    if (sealed === undefined) return undefined
    const {until, ...identity} = JSON.parse(this.parts.seal.open(sealed)) as Identity & {until: string}
    return {...identity, until: new Date(until)}
  }

  /** A disk that is full shall keep no app from being served: the next runtime makes another one then. */
  private keepServer(leaf: Leaf): void {
    const {store, seal, log} = this.parts
    try {
      writeSetting(store, serverKey, seal.seal(JSON.stringify(leaf)))
    } catch (error) {
      log.error("the router's certificate could not be kept", {error})
    }
  }

  /** Undefined when there is none, or one that may certify other names than those of this version. */
  private kept(): Authority | undefined {
    const sealed = readSetting(this.parts.store, settingKey)
    if (sealed === undefined) return undefined
    const kept = JSON.parse(this.parts.seal.open(sealed)) as Authority
    return kept.permitted?.join() === permitted.join() ? kept : undefined
  }

  private make(): Authority {
    const {homeId, store, seal, clock} = this.parts
    // A name of its own: stores of trusted authorities look them up by it.
    const name = `hokku local CA ${homeId.slice(0, 8)}`
    const {signer, ...identity} = makeAuthority(name, permitted, span(clock, authorityDays))
    this.signer = signer
    const authority = {...identity, name, permitted}
    store.transaction(() => {
      writeSetting(store, settingKey, seal.seal(JSON.stringify(authority)))
      store.run('DELETE FROM local_certificates')
      store.run('DELETE FROM settings WHERE key = ?', serverKey)
    })
    return authority
  }
}

/** Whether a certificate need not be replaced yet. */
export function isFresh({until}: {until: Date}, clock: Clock): boolean {
  return until.getTime() > clock.now().getTime()
}

/** From yesterday on, for clocks that are behind. */
function span(clock: Clock, days: number): {from: Date; to: Date} {
  const now = clock.now().getTime()
  return {from: new Date(now - day), to: new Date(now + days * day)}
}
