import {writeFileSync} from 'node:fs'
import type {Home} from '../../schema/home.js'
import {type Store, setting} from '../store/store.js'
import type {Clock} from '../support/clock.js'
import type {Seal} from '../support/seal.js'
import {type Identity, makeAuthority, makeLeaf} from '../support/x509.js'

const day = 86_400_000
/** The names under which the TCP side answers. */
const names = ['127.0.0.1', 'localhost', '::1']
const authorityName = 'hokku on this machine'
/** macOS accepts 825 days at most of a server certificate. */
const leafDays = 397
const renewDays = 30

/** The certificate authority of a home, made once, and what it certifies. Clients trust it by its file. */
export class Certificates {
  private readonly authority: Identity
  private leaf: (Identity & {to: Date}) | undefined

  constructor(private readonly parts: {home: Home; store: Store; seal: Seal; clock: Clock}) {
    const {home, store, seal, clock} = parts
    const sealed = setting(store, 'ca.identity', () => seal.seal(JSON.stringify(makeAuthority(authorityName, names, span(clock, 3650)))))
    this.authority = JSON.parse(seal.open(sealed)) as Identity
    writeFileSync(home.ca, this.authority.certificate)
  }

  /** Of the TCP side; another one when the last is about to expire. */
  server(): Identity {
    const {clock} = this.parts
    if (this.leaf !== undefined && this.leaf.to.getTime() - clock.now().getTime() > renewDays * day) return this.leaf
    const validity = span(clock, leafDays)
    this.leaf = {...makeLeaf(this.authority, authorityName, names, validity), to: validity.to}
    return this.leaf
  }
}

/** From yesterday on, for clocks that are behind. */
function span(clock: Clock, days: number): {from: Date; to: Date} {
  const now = clock.now().getTime()
  return {from: new Date(now - day), to: new Date(now + days * day)}
}
