import {expect, it, vi} from 'vitest'
import {RoutingTable} from '../../../src/lib/runtime/routing-table.js'
import {silentLog} from '../../../src/lib/runtime/support/runtime-log.js'
import {fakeRouter} from '../../support/fake-router.js'
import {movableClock} from '../../support/movable-clock.js'

/** As many apps as take several turns to compute, all with one web dyno that is up. */
function tableOf(ids: string[]): {table: RoutingTable; router: ReturnType<typeof fakeRouter>; kept: string[][]} {
  const kept: string[][] = []
  const router = fakeRouter()
  const table = new RoutingTable({
    apps: {
      ids: () => ids,
      find: (id: string) => (ids.includes(id) ? {id, name: id, maintenance: false, features: {}} : undefined),
    } as never,
    certificates: {of: () => [], keepOnly: (hosts: string[]) => kept.push(hosts)} as never,
    domains: {list: () => []} as never,
    formations: {list: () => [{type: 'web', quantity: 1}]} as never,
    releases: {currentOf: () => ({slugId: 's', config: {}})} as never,
    dynos: () =>
      ({web: () => ({up: [{dyno: 'web.1', address: '10.0.0.2', port: 5000}], starting: false, crashed: false, idle: false})}) as never,
    router: () => router,
  })
  return {table, router, kept}
}

const many = Array.from({length: 60}, (_, index) => `app-${index}`)
const namesOf = (router: ReturnType<typeof fakeRouter>): string[] => router.table.map(route => route.appName).sort()

it('a change before all apps had their turn publishes all of them: a table of one would turn the others away', async () => {
  const {table, router} = tableOf(many)
  await table.refresh('app-7')
  expect(namesOf(router)).toEqual([...many].sort())
})

it('so does one in the middle of that turn', async () => {
  const {table, router} = tableOf(many)
  const all = table.refreshAll()
  const published: string[][] = []
  const publish = router.publish
  router.publish = async routes => {
    await publish(routes)
    published.push(namesOf(router))
  }
  await Promise.all([all, table.refresh('app-59'), table.refresh('app-1')])
  expect(published).toEqual([[...many].sort(), [...many].sort(), [...many].sort()])
})

it('an app that is gone loses its route, and no other one does', async () => {
  const ids = [...many]
  const {table, router} = tableOf(ids)
  await table.refreshAll()
  ids.splice(3, 1)
  await table.refresh('app-3')
  expect(namesOf(router)).toEqual(many.filter(id => id !== 'app-3').sort())
})

it('once a day every route is computed anew, and certificates of hosts that are gone are forgotten', async () => {
  const {table, router, kept} = tableOf(['app-1'])
  const clock = movableClock()
  const closing = new AbortController()
  const renewing = table.renewDaily({clock, log: silentLog, signal: closing.signal})
  clock.advance(23 * 3_600_000)
  await new Promise(resolve => setImmediate(resolve))
  expect(router.table).toEqual([])
  clock.advance(3_600_000)
  await vi.waitFor(() => expect(kept).toEqual([['app-1.localhost']]))
  expect(namesOf(router)).toEqual(['app-1'])
  closing.abort()
  await renewing
})
