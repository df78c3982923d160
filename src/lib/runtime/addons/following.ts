import type {AddonPlan} from '../../schema/addon-manifest.js'
import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'
import {findPlan} from './catalogue.js'
import type {Parts} from './parts.js'

type Offer = AddonPlan['offers'][number]

/** The namespace of attachments that lead to the pool of a server, as on Heroku. */
export const poolNamespace = 'connection-pooling:default'

/** Those that follow it, the oldest first. */
export function followersOf({rows}: Pick<Parts, 'rows'>, addonId: string): AddonRecord[] {
  return rows.followersOf(addonId).filter(one => one.state === 'provisioning' || one.state === 'provisioned')
}

/** Throws invalid_params when the plan of an add-on, or another plan of its service, does not have that. */
export function checkOffered(parts: Pick<Parts, 'catalogue'>, {service, plan}: Pick<AddonRecord, 'service' | 'plan'>, offer: Offer): void {
  const {manifest} = parts.catalogue.service(service)
  if (findPlan(manifest, plan).offers.includes(offer)) return
  const having = manifest.local.plans.filter(one => one.offers.includes(offer)).map(one => one.name)
  const told = having.length === 0 ? `no plan of ${service} has it` : `plans that have it are ${having.join(', ')}`
  throw new PlatformError('invalid_params', `You can't perform this operation on ${service}:${plan} databases: ${words[offer]}; ${told}.`)
}

const words: Record<Offer, string> = {
  rollback: 'they have no rollback',
  follow: 'they cannot follow or be followed',
  pooling: 'they have no connection pooling',
}

/** What an add-on has in use must be had by its new plan. Throws conflict. */
export function checkStillOffered(parts: Pick<Parts, 'catalogue' | 'rows'>, addon: AddonRecord, plan: AddonPlan): void {
  const refuse = (why: string): never => {
    throw new PlatformError('conflict', `${addon.name} cannot change to ${plan.name}, which does not have that: ${why}`)
  }
  const followers = followersOf(parts, addon.id).map(one => one.name)
  if (!plan.offers.includes('follow') && followers.length > 0)
    refuse(`${followers.join(', ')} follows it. Run pg:unfollow for that one first, or destroy it.`)
  if (!plan.offers.includes('follow') && addon.options['follow'] !== undefined) refuse('it is a follower. Run pg:unfollow first.')
  const pools = parts.rows.attachmentsTo(addon.id).filter(one => one.namespace === poolNamespace)
  if (!plan.offers.includes('pooling') && pools.length > 0)
    refuse(`its pool is attached as ${pools.map(one => one.name).join(', ')}. Run addons:detach first.`)
}

/** Tells a leader who follows it still, so that it keeps nothing for others. What fails is done at its next start. */
export async function tellFollowers(parts: Parts, leaderId: string): Promise<void> {
  const leader = parts.rows.addon(leaderId)
  const {follow} = leader === undefined ? {} : parts.catalogue.service(leader.service).manifest.local
  if (leader?.state !== 'provisioned' || follow === undefined || leader.options['follow'] !== undefined) return
  const ids = followersOf(parts, leaderId).map(one => one.id)
  await parts.instances
    .ask(leader, [...follow.followers, ...ids])
    .catch(error => parts.log.info('a leader was not told of its followers', {addon: leader.name, error}))
}

/** It goes on by itself, with what it has; its server is yet to learn of it. Part of a transaction. */
export function letGo({rows, clock}: Pick<Parts, 'rows' | 'clock'>, addon: AddonRecord): void {
  const {follow: _leader, ...options} = addon.options
  rows.updateAddon(addon.id, {options}, clock.now())
}
