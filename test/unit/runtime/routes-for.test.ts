import {describe, expect, it} from 'vitest'
import type {RouteFacts} from '../../../src/lib/runtime/routes-for.js'
import {routeFor} from '../../../src/lib/runtime/routes-for.js'

const target = {dyno: 'web.1', address: '10.0.0.2', port: 5000}

function facts(given: {
  maintenance?: boolean
  slug?: boolean
  quantity?: number
  up?: boolean
  starting?: boolean
  crashed?: boolean
  idle?: boolean
  features?: Record<string, boolean>
}): RouteFacts {
  return {
    app: {id: 'a', name: 'demo', maintenance: given.maintenance ?? false, features: given.features ?? {}} as never,
    domains: [{hostname: 'www.example.com'} as never],
    release: {slugId: given.slug === false ? undefined : 's', config: {ERROR_PAGE_URL: 'https://x/e'}} as never,
    formation: [{type: 'web', quantity: given.quantity ?? 1} as never],
    web: {up: given.up ? [target] : [], starting: given.starting ?? false, crashed: given.crashed ?? false, idle: given.idle ?? false},
  }
}

describe('the route of an app', () => {
  it.each([
    [{maintenance: true, up: true}, 'maintenance'],
    [{slug: false}, 'blank'],
    [{quantity: 0, up: true}, 'no-web'],
    [{up: true, starting: true}, 'up'],
    [{starting: true}, 'starting'],
    [{starting: true, crashed: true}, 'starting'],
    [{crashed: true}, 'crashed'],
    [{idle: true}, 'idle'],
    [{idle: true, maintenance: true}, 'maintenance'],
    [{}, 'starting'],
  ])('with %j is %s', (given, state) => {
    expect(routeFor(facts(given)).state).toBe(state)
  })

  it('has the default and the custom hosts, targets only when up, and the error page', () => {
    expect(routeFor(facts({up: true}))).toEqual({
      appId: 'a',
      appName: 'demo',
      dynos: 1,
      hosts: ['demo.localhost', 'www.example.com'],
      state: 'up',
      targets: [target],
      errorPageUrl: 'https://x/e',
    })
    expect(routeFor(facts({up: true, maintenance: true})).targets).toEqual([])
  })
})
