import {describe, expect, it} from 'vitest'
import {fixedPart, type HaproxyOptions, toHaproxyConfig, toHaproxyFiles} from '../../../../src/lib/runtime/router/haproxy-config.js'
import {noPools} from '../../../../src/lib/runtime/router/haproxy-state.js'
import {haproxyErrorPage} from '../../../../src/lib/runtime/router/pages.js'
import {routeOf} from './route-of.js'

const options = (change: Partial<HaproxyOptions> = {}): HaproxyOptions => ({
  binds: ['127.0.0.1', '::1'],
  port: 80,
  tlsPort: 443,
  fallback: {address: '127.0.0.1', port: 4999, secret: 'secret'},
  assignments: new Map([
    ['app-1', 'few0'],
    ['app-2', 'one1'],
  ]),
  pools: {...noPools, one: 2, few: 1, many: 1, 'sticky-few': 1},
  threads: 2,
  ...change,
})

const table = [
  routeOf('app-1', {hosts: ['one.localhost', '*.example.com'], dynos: 2, errorPageUrl: 'https://pages.test/e.html'}),
  routeOf('app-2', {dynos: 1}),
  routeOf('app-3', {state: 'crashed'}),
]

describe('toHaproxyConfig', () => {
  it('is the whole configuration of a table', () => {
    expect(toHaproxyConfig(table, options())).toMatchSnapshot()
  })

  it('gives each thread sockets and a descriptor for its lines that no other thread has', () => {
    const sections = toHaproxyConfig(table, options({threads: 3}))
      .split(/^(?=frontend )/m)
      .slice(1)
    const used = sections.map(section => {
      const threads = new Set([...section.matchAll(/^ {2}bind .* thread (\d)$/gm)].map(([, thread]) => thread))
      return `${[...threads]} ${/^ {2}log fd@(\d+) /m.exec(section)?.[1]}`
    })
    expect(used).toEqual(['1 1', '1 1', '2 12', '2 12', '3 13', '3 13'])
  })

  it('writes the maps beside it', () => {
    const files = toHaproxyFiles(table, options(), '')
    expect(files['hosts.map']).toBe('one.localhost few0:few0:app-1\n*.example.com few0:few0:app-1\napp-2.localhost one1:one1:app-2\n')
    expect(files['pages.map']).toBe('app-1 <iframe title=error src=https://pages.test/e.html></iframe>\n')
  })

  it('leaves out hosts that would be more than one word to HAProxy', () => {
    const hosts = ['good.localhost', 'bad;host', 'bad host', 'bad\nhost']
    expect(toHaproxyFiles([routeOf('app-1', {hosts, dynos: 2})], options(), '')['hosts.map']).toBe('good.localhost few0:few0:app-1\n')
  })

  it('has a mark that changes with what only a reload changes, and not with the table', () => {
    const mark = fixedPart(options(), haproxyErrorPage())
    expect(fixedPart(options({pools: {...noPools, one: 9}, assignments: new Map()}), haproxyErrorPage())).toBe(mark)
    expect(fixedPart(options({port: 81}), haproxyErrorPage())).not.toBe(mark)
    expect(fixedPart(options({fallback: {address: '127.0.0.1', port: 1, secret: 'secret'}}), haproxyErrorPage())).not.toBe(mark)
    expect(fixedPart(options(), 'another page')).not.toBe(mark)
  })

  it('doubles every per cent sign of the error page, but for the one place that is looked up', () => {
    expect(haproxyErrorPage().replaceAll('%%', '').match(/%/g)).toHaveLength(1)
  })
})
