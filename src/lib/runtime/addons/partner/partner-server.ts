import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {PlatformError} from '../../../schema/errors.js'
import type {AddonRecord} from '../addons.js'
import {known, type Parts} from '../parts.js'
import type {AddonServer, Outcome} from '../servers.js'
import {renamed} from '../templates.js'
import {configOf, setConfig} from './config.js'
import {keepSaying, sayFarewell} from './farewells.js'
import {issueCode} from './grants.js'
import {inputToken} from './log-input.js'
import {callPartner, messageOf, type PartnerAddress, type PartnerAnswer, PartnerUnreached} from './partner-call.js'
import type {PartnerAddon, PartnerTable} from './partner-table.js'
import {readSecrets} from './secrets.js'
import {signOnFields, signOnKey} from './sso.js'

/** Heroku gives an add-on up that takes longer than this to begin, and one that takes longer to end; in ms. */
const [beginMs, endMs] = [12 * 60 * 60_000, 24 * 60 * 60_000]

/** Physical regions, by those that apps have. */
const regions: Record<string, string> = {us: 'amazon-web-services::us-east-1', eu: 'amazon-web-services::eu-west-1'}

/** Somebody else serves, and is asked over HTTP. */
export function partnerServer(parts: Parts): AddonServer {
  const {
    partners: table,
    closing: {signal: closing},
  } = parts
  const deps = {...parts, table, address: (service: string) => addressOf(parts, service)}
  return {
    answersAtOnce: true,
    async serve(addonId, state, signal) {
      const addon = parts.rows.addon(addonId)
      if (addon?.state !== state) return 'done'
      return state === 'provisioning' ? await provision(parts, table, addon, signal) : await takeUp(parts, table, addon, signal)
    },
    async end(addon, signal) {
      const said = table.get(addon.id)
      const partner = addressOf(parts, addon.service)
      await parts.drains.removeOf(addon.id)
      if (said === undefined || partner === undefined) return 'done'
      const outcome = await farewell(deps, addon, said, partner, {signal, closing})
      if (outcome === 'done') table.remove(addon.id)
      return outcome
    },
    changePlan: (addon, plan) => changePlan(parts, table, addon, plan, closing),
    configVars: ({name: attachment}, {addon, service}) =>
      Object.fromEntries(
        Object.entries(table.get(addon.id)?.config ?? {}).map(([name, value]) => [renamed(name, attachment, service), value]),
      ),
    async page(addon, viewer) {
      const {service} = known(parts, addon)
      const {sso_url: url} = service.manifest.local.partner ?? {}
      if (url === undefined) throw new PlatformError('not_found', `${addon.service} has no page to open.`, {resource: 'add_on'})
      const app = parts.resolveApp(addon.appId).name
      const form = signOnFields({
        resource: addon.id,
        reference: table.get(addon.id)?.reference ?? addon.id,
        service: addon.service,
        salt: secretsOf(parts, addon.service).ssoSalt,
        user: viewer,
        app,
        contextApp: viewer.app ?? app,
        at: parts.clock.now(),
      })
      return {url, form}
    },
    webUrl: addon =>
      known(parts, addon).service.manifest.local.partner?.sso_url === undefined
        ? undefined
        : `${parts.apiUrl()}/sso/${addon.id}/${signOnKey(parts, addon.id)}`,
    providerId: addon => table.get(addon.id)?.reference,
    message: addon => table.get(addon.id)?.message,
    start() {
      for (const one of table.farewells.all()) keepSaying(deps, one, closing, 'now')
    },
  }
}

/** What a service's partner and we know. Throws not_found for a service that has none. */
export function secretsOf({servicesDirectory, seal}: Parts, service: string) {
  const found = readSecrets(join(servicesDirectory, service), seal)
  if (found === undefined) throw new PlatformError('not_found', `${service} has no secrets. Install it again with addons:install.`)
  return found
}

function addressOf(parts: Parts, service: string): PartnerAddress | undefined {
  const secrets = readSecrets(join(parts.servicesDirectory, service), parts.seal)
  if (secrets === undefined) return undefined
  const baseUrl = parts.catalogue.service(service).manifest.local.partner?.base_url
  return baseUrl === undefined ? undefined : {service, baseUrl, password: secrets.password}
}

function partnerOf(parts: Parts, service: string): PartnerAddress {
  const found = addressOf(parts, service)
  if (found === undefined) throw new PlatformError('not_found', `${service} has no secrets. Install it again with addons:install.`)
  return found
}

/** That it was asked is written down first: what a partner may have made, it hears the end of. */
async function provision(parts: Parts, table: PartnerTable, addon: AddonRecord, signal: AbortSignal): Promise<Outcome> {
  const partner = partnerOf(parts, addon.service)
  const asked = table.get(addon.id) ?? unknown(addon)
  if (asked.deadline !== undefined) return {later: asked.deadline}
  table.put(asked)
  const request = {method: 'POST' as const, body: provisionRequest(parts, table, addon, asked)}
  const answer = await callPartner(partner, request, {clock: parts.clock, signal}).catch(error => {
    throw error instanceof PartnerUnreached ? unreached(error, `so there is no ${addon.name}`) : error
  })
  if (answer.status !== 200 && answer.status !== 201 && answer.status !== 202) {
    table.remove(addon.id)
    throw refusal(partner, answer)
  }
  return accept(parts, table, addon, answer)
}

function unknown({id}: AddonRecord): PartnerAddon {
  return {
    addonId: id,
    reference: id,
    config: {},
    message: undefined,
    drainToken: `d.${randomUUID()}`,
    deadline: undefined,
    wantedPlan: undefined,
  }
}

function provisionRequest(parts: Parts, table: PartnerTable, addon: AddonRecord, asked: PartnerAddon): object {
  const {requires} = known(parts, addon).service.manifest.api
  return {
    callback_url: `${parts.apiUrl()}/addons/${addon.id}`,
    name: addon.name,
    oauth_grant: issueCode(table, parts.clock, addon.id),
    options: addon.options,
    plan: addon.plan,
    region: regions[parts.resolveApp(addon.appId).region] ?? regions['us'],
    uuid: addon.id,
    ...(requires.includes('syslog_drain') && {log_drain_token: asked.drainToken}),
    ...(requires.includes('log_input') && {log_input_url: inputUrl(parts, addon)}),
  }
}

function inputUrl({apiUrl, seal}: Parts, addon: AddonRecord): string {
  const url = new URL('/logs', apiUrl())
  url.username = 'token'
  url.password = inputToken(seal, addon.id)
  return url.href
}

function accept(parts: Parts, table: PartnerTable, addon: AddonRecord, {status, body}: PartnerAnswer): Outcome {
  const {service} = known(parts, addon)
  const {id, log_drain_url: drainUrl} = body
  const reference = typeof id === 'string' || typeof id === 'number' ? String(id) : addon.id
  // It may have used its grant before it answered.
  const said = {...(table.get(addon.id) ?? unknown(addon)), reference}
  // By this name it hears the end of it, whatever is wrong with the rest of its answer.
  table.put(said)
  const awaited = status === 202 && parts.rows.addon(addon.id)?.state === 'provisioning'
  const deadline = awaited ? new Date(parts.clock.now().getTime() + beginMs) : undefined
  table.put({...said, config: {...said.config, ...configOf(service, body['config'])}, message: messageOf(body), deadline})
  if (typeof drainUrl === 'string' && service.manifest.api.requires.includes('syslog_drain'))
    parts.drains.ensure({appId: addon.appId, addonId: addon.id, url: drainUrl, token: said.drainToken})
  return deadline === undefined ? 'done' : {later: deadline}
}

/** What a runtime that was killed left of one that serves: it would take a deadline that is over for that of its end. */
async function takeUp(parts: Parts, table: PartnerTable, addon: AddonRecord, signal: AbortSignal): Promise<Outcome> {
  const said = table.get(addon.id)
  if (said?.deadline !== undefined) table.put({...said, deadline: undefined})
  // It never learned what the partner answered.
  if (said?.wantedPlan !== undefined) await changePlan(parts, table, addon, said.wantedPlan, signal)
  return 'done'
}

/** The wish is kept until the partner has answered it. Throws what says why it is refused. */
async function changePlan(parts: Parts, table: PartnerTable, addon: AddonRecord, plan: string, signal: AbortSignal): Promise<void> {
  const partner = partnerOf(parts, addon.service)
  const said = {...(table.get(addon.id) ?? unknown(addon)), wantedPlan: plan}
  table.put(said)
  const {reference} = said
  const body = {plan, uuid: addon.id, options: addon.options}
  // It may have set config vars before it answered.
  const heard = (): PartnerAddon => ({...(table.get(addon.id) ?? said), wantedPlan: undefined})
  const answer = await callPartner(partner, {method: 'PUT', reference, body}, {clock: parts.clock, signal}).catch(error => {
    if (!(error instanceof PartnerUnreached)) throw error
    table.put(heard())
    throw unreached(error, `so ${addon.name} keeps its plan`)
  })
  if (answer.status < 200 || answer.status > 299) {
    table.put(heard())
    throw refusal(partner, answer)
  }
  parts.rows.transaction(() => {
    table.put({...heard(), message: messageOf(answer.body)})
    parts.rows.updateAddon(addon.id, {plan}, parts.clock.now())
  })
  // Whatever waits for a release may wait for this add-on.
  for (const appId of setConfig(parts, addon, answer.body['config']))
    void parts.owed.settle(appId).catch((error: unknown) => parts.log.error('owed release not cut', {appId, error}))
}

type FarewellParts = Parts & {table: PartnerTable; address(service: string): PartnerAddress | undefined}

/** A partner that cannot be reached is told later: nobody has to wait for it to be rid of an add-on. */
async function farewell(
  deps: FarewellParts,
  addon: AddonRecord,
  said: PartnerAddon,
  partner: PartnerAddress,
  {signal, closing}: {signal: AbortSignal; closing: AbortSignal},
): Promise<Outcome> {
  const {table, clock, log} = deps
  const now = clock.now()
  // It may have said that nothing is left before it answered.
  const isGone = (): boolean => deps.rows.addon(addon.id) === undefined
  const later = {addonId: addon.id, name: addon.name, service: addon.service, reference: said.reference, since: now}
  const sayLater = (begin: 'now' | 'later'): Outcome => {
    table.farewells.add(later)
    keepSaying(deps, later, closing, begin)
    return 'done'
  }
  // It was never handed out: nobody waits for how that ends.
  if (addon.state !== 'deprovisioning') return sayLater('now')
  if (said.deadline !== undefined && said.deadline <= now) return 'done'
  try {
    if ((await sayFarewell(partner, said.reference, {clock, signal})) === 'heard') return 'done'
    if (isGone()) return 'done'
    const deadline = said.deadline ?? new Date(now.getTime() + endMs)
    table.put({...said, deadline})
    return {later: deadline}
  } catch (error) {
    if (!(error instanceof PartnerUnreached)) throw error
    if (isGone()) return 'done'
    log.info('a partner is told later of the end of an add-on', {addon: addon.name, error})
    return sayLater('later')
  }
}

function unreached(error: PartnerUnreached, therefore: string): PlatformError {
  return new PlatformError('service_unavailable', `${error.message}, ${therefore}. Try again later.`, {resource: 'add_on', cause: error})
}

/** A partner's own words, where it has some. */
function refusal({service}: PartnerAddress, {status, body}: PartnerAnswer): PlatformError {
  const credentials = status === 401 || status === 403 ? ' It does not know the password of its manifest.' : ''
  return new PlatformError('invalid_params', messageOf(body) ?? `${service} answered ${status}.${credentials}`)
}
