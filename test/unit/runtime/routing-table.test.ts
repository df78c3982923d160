import {expect, it} from 'vitest'
import {RoutingTable} from '../../../src/lib/runtime/routing-table.js'
import {fakeRouter} from '../../support/fake-router.js'

/** As many apps as take several turns to compute, all with one web dyno that is up. */
function tableOf(ids: string[]): {table: RoutingTable; router: ReturnType<typeof fakeRouter>} {
  const router = fakeRouter()
  const table = new RoutingTable({
    apps: {
      ids: () => ids,
      find: (id: string) => (ids.includes(id) ? {id, name: id, maintenance: false, features: {}} : undefined),
    } as never,
    certificates: {of: () => []} as never,
    domains: {list: () => []} as never,
    formations: {list: () => [{type: 'web', quantity: 1}]} as never,
    releases: {currentOf: () => ({slugId: 's', config: {}})} as never,
    dynos: () => ({web: () => ({up: [{dyno: 'web.1', address: '10.0.0.2', port: 5000}], starting: false, crashed: false})}) as never,
    router: () => router,
  })
  return {table, router}
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
