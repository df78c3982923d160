import type {Clock} from '../../support/clock.js'
import type {RuntimeLog} from '../../support/runtime-log.js'
import {callPartner, type PartnerAddress, type PartnerAnswer, PartnerUnreached} from './partner-call.js'
import type {Farewell, PartnerTable} from './partner-table.js'

/** Between two tries, in ms: at first, and at most. */
const firstPause = 60_000
const longestPause = 60 * 60_000
/** After so many ms a partner that does not hear is given up. */
const keptFor = 7 * 24 * 60 * 60_000

interface FarewellDeps {
  table: PartnerTable
  clock: Clock
  log: RuntimeLog
  /** Undefined when the service was uninstalled. */
  address(service: string): PartnerAddress | undefined
}

/** Tells a partner once that an add-on ends. Throws PartnerUnreached, also for an answer that means neither yes nor no. */
export async function sayFarewell(
  partner: PartnerAddress,
  reference: string,
  {clock, signal}: {clock: Clock; signal: AbortSignal},
): Promise<'heard' | 'under way'> {
  const answer = await callPartner(partner, {method: 'DELETE', reference}, {clock, signal})
  if (answer.status === 202) return 'under way'
  if (isEnd(answer)) return 'heard'
  throw new PartnerUnreached(`${partner.service} answered ${answer.status} to the end of ${reference}`)
}

/** Says it in the background until the partner has heard of it, for a week. What is to be said is in the table by then. */
export function keepSaying(deps: FarewellDeps, farewell: Farewell, signal: AbortSignal, begin: 'now' | 'later'): void {
  const {table, clock, log} = deps
  const {addonId, name, service} = farewell
  const loop = async (): Promise<void> => {
    if (begin === 'later') await clock.sleep(firstPause, signal)
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      const partner = deps.address(service)
      if (partner === undefined || !table.farewells.all().some(one => one.addonId === addonId)) return
      try {
        await sayFarewell(partner, farewell.reference, {clock, signal})
        table.farewells.remove(addonId)
        return log.info('a partner has heard of the end of an add-on', {addon: name, service})
      } catch (error) {
        if (!(error instanceof PartnerUnreached)) throw error
        if (clock.now().getTime() - farewell.since.getTime() >= keptFor) {
          table.farewells.remove(addonId)
          return log.error('a partner never heard of the end of an add-on: ask it to remove that', {
            addon: name,
            id: addonId,
            service,
            error,
          })
        }
      }
      await clock.sleep(pause, signal)
    }
  }
  loop().catch(error => signal.aborted || log.error('the end of an add-on is not told', {addon: name, service, error}))
}

/** What is gone there already is as good as removed. */
function isEnd({status}: PartnerAnswer): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 410
}
