import {describe, expect, it} from 'vitest'
import {
  assignBackends,
  desiredState,
  firstPools,
  noPools,
  parseServerName,
  safeUrl,
  serverName,
} from '../../../../src/lib/runtime/router/haproxy-state.js'
import {
  afterChanges,
  drainingServers,
  type ObservedState,
  observedAssignments,
  parseObserved,
  planChanges,
} from '../../../../src/lib/runtime/router/plan.js'
import type {Route} from '../../../../src/lib/runtime/router/router.js'
import {routeOf} from './route-of.js'

const nothing = (): ObservedState => ({hosts: new Map(), pages: new Map(), servers: new Map(), pools: firstPools})

function step(observed: ObservedState, table: Route[], held = observedAssignments(observed)) {
  const busy = new Set([...observed.servers].filter(([, servers]) => servers.size > 0).map(([backend]) => backend))
  const {assignments, pools} = assignBackends(table, held, observed.pools, busy)
  const desired = desiredState(table, assignments)
  return {commands: planChanges(observed, desired), after: afterChanges(observed, desired), pools}
}

/** Pooled connections, and quarantine. */
const options = 'pool-purge-delay 90s check inter 1h downinter 5s fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down'

describe('planChanges', () => {
  it('gives a new app’s first dyno a spare backend, and the way to it last', () => {
    expect(step(nothing(), [routeOf('app-1', {dynos: 1})]).commands).toEqual([
      `add server one0/web.1_172.18.0.2_5000 172.18.0.2:5000 ${options}`,
      'enable health one0/web.1_172.18.0.2_5000',
      'enable server one0/web.1_172.18.0.2_5000',
      'add map /hokku/hosts.map app-1.localhost one0:one0:app-1',
    ])
  })

  it('drains a dyno that is replaced after the new one is there, and takes it back if it returns', () => {
    const before = step(nothing(), [routeOf('app-1', {dynos: 1})]).after
    const other = {...routeOf('app-1'), targets: [{dyno: 'web.1', address: '172.18.0.9', port: 5000}]}
    const swap = step(before, [other])
    expect(swap.commands).toEqual([
      `add server one0/web.1_172.18.0.9_5000 172.18.0.9:5000 ${options}`,
      'enable health one0/web.1_172.18.0.9_5000',
      'enable server one0/web.1_172.18.0.9_5000',
      'disable server one0/web.1_172.18.0.2_5000',
    ])
    expect(drainingServers(swap.after)).toEqual(['one0/web.1_172.18.0.2_5000'])
    expect(step(swap.after, [routeOf('app-1', {dynos: 1})]).commands).toEqual([
      'enable server one0/web.1_172.18.0.2_5000',
      'disable server one0/web.1_172.18.0.9_5000',
    ])
  })

  it('moves an app to the backends for more dynos by one change of its hosts', () => {
    const before = step(nothing(), [routeOf('app-1', {dynos: 1})]).after
    expect(step(before, [routeOf('app-1', {dynos: 2})]).commands).toEqual([
      `add server few0/web.1_172.18.0.2_5000 172.18.0.2:5000 ${options}`,
      'enable health few0/web.1_172.18.0.2_5000',
      'enable server few0/web.1_172.18.0.2_5000',
      `add server few0/web.2_172.18.0.3_5000 172.18.0.3:5000 ${options}`,
      'enable health few0/web.2_172.18.0.3_5000',
      'enable server few0/web.2_172.18.0.3_5000',
      'set map /hokku/hosts.map app-1.localhost few0:few0:app-1',
      'disable server one0/web.1_172.18.0.2_5000',
    ])
  })

  it('does not give a backend away that still drains', () => {
    const before = step(nothing(), [routeOf('app-1', {dynos: 1})]).after
    const gone = step(before, [])
    expect(gone.commands).toEqual(['del map /hokku/hosts.map app-1.localhost', 'disable server one0/web.1_172.18.0.2_5000'])
    expect(step(gone.after, [routeOf('app-2', {dynos: 1})]).commands.at(-1)).toBe(
      'add map /hokku/hosts.map app-2.localhost one1:one1:app-2',
    )
  })

  it('changes nothing when all is so already', () => {
    const table = [
      routeOf('app-1', {dynos: 3, errorPageUrl: 'https://pages.test/'}),
      routeOf('app-2', {dynos: 1}),
      routeOf('app-3', {state: 'blank'}),
    ]
    expect(step(step(nothing(), table).after, table).commands).toEqual([])
  })

  it('scales from 1 to 10 without larger pools, and doubles a pool that is used up', () => {
    let observed = nothing()
    for (let dynos = 1; dynos <= 10; dynos += 1) {
      const next = step(observed, [routeOf('app-1', {dynos})])
      expect(next.pools).toEqual(firstPools)
      observed = next.after
    }
    const many = Array.from({length: 65}, (_, index) => routeOf(`app-${index}`, {dynos: 1}))
    expect(step(nothing(), many).pools).toEqual({...firstPools, one: 128})
  })
})

describe('parseObserved', () => {
  it('reads what HAProxy tells', () => {
    const observed = parseObserved({
      hosts: '0x7fae1a841580 demo.localhost one0:one0:app-1\n0x7fae1a841600 *.wild.test one0:one0:app-1\n\n',
      pages: '0x7fae1a824320 app-1 <iframe title=error src=https://x.test/></iframe>\n\n',
      backends: '# name\nfallback\none0\none1\nfew0\n\n',
      servers: [
        '1',
        '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight',
        '3 fallback 1 runtime 127.0.0.1 2 0 1 1 101',
        '4 one0 1 web.1_127.0.0.1_5001 127.0.0.1 0 1 1 1 0',
        '4 one0 2 web.2_127.0.0.1_5002 127.0.0.1 2 0 1 1 101',
        '',
      ].join('\n'),
    })
    expect(observed.pools).toEqual({...noPools, one: 2, few: 1})
    expect(observed.servers.get('one0')).toEqual(
      new Map([
        ['web.1_127.0.0.1_5001', 'draining'],
        ['web.2_127.0.0.1_5002', 'ready'],
      ]),
    )
    expect([...observed.hosts]).toEqual([
      ['demo.localhost', 'one0:one0:app-1'],
      ['*.wild.test', 'one0:one0:app-1'],
    ])
    expect(observed.pages.get('app-1')).toBe('<iframe title=error src=https://x.test/></iframe>')
    expect(observedAssignments(observed)).toEqual(new Map([['app-1', 'one0']]))
  })
})

describe('names', () => {
  it.each([
    {dyno: 'web.1', address: '172.18.0.2', port: 5000},
    {dyno: 'my_web-2.10', address: 'fd00::1', port: 80},
  ])('a server’s name tells its dyno and address: $dyno', target => {
    expect(parseServerName(serverName(target))).toEqual(target)
  })

  it('gives an app with session affinity a backend of another pool, whose servers have a cookie by their dyno’s name', () => {
    const plain = step(nothing(), [routeOf('app-1', {dynos: 2})])
    const sticky = step(plain.after, [{...routeOf('app-1', {dynos: 2}), affinity: true}])
    const cookies = sticky.commands.flatMap(
      command => /^add server sticky-few0\/(web\.\d)_\S+ \S+ .* cookie (\S+)$/.exec(command)?.slice(1) ?? [],
    )
    expect([cookies[0], cookies[2]]).toEqual(['web.1', 'web.2'])
    expect(new Set(cookies).size).toBe(4)
    const moved = {...routeOf('app-1', {dynos: 1}), affinity: true, targets: [{dyno: 'web.1', address: '172.18.0.9', port: 1}]}
    const replaced = step(sticky.after, [{...moved, targets: [...moved.targets, ...routeOf('app-1', {dynos: 2}).targets.slice(1)]}])
    expect(replaced.commands[0]).toBe(`add server sticky-few0/web.1_172.18.0.9_1 172.18.0.9:1 ${options} cookie ${cookies[1]}`)
  })

  it('a page’s URL loses everything that means something to HAProxy or HTML', () => {
    expect(safeUrl('https://x.test/a b;"<>\'\\\n%é?c=1&d=2')).toBe('https://x.test/a%20b%3B%22%3C%3E%27%5C%0A%%C3%A9?c=1&d=2')
    expect(safeUrl('javascript:alert(1)')).toBe('about:blank')
    expect(safeUrl('//cdn.test/x')).toBe('//cdn.test/x')
  })
})
