import {describe, expect, it} from 'vitest'
import {lineParser, outcomeOf} from '../../../../src/lib/runtime/router/haproxy-line.js'
import {outputReader} from '../../../../src/lib/runtime/router/haproxy-output.js'
import {formatRouterLine} from '../../../../src/lib/runtime/router/router-line.js'
import type {LogEntry} from '../../../../src/lib/runtime/support/log-sink.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'

interface Fields {
  state?: string
  clientError?: number
  status?: number
  times?: string
  server?: string
  method?: string
  host?: string
  path?: string
  fwd?: string
  version?: string
  tls?: string
  client?: string
}

const base64 = (text: string): string => (text === '' ? '-' : Buffer.from(text, 'utf8').toString('base64'))

/** As HAProxy writes URIs. */
function escaped(uri: string): string {
  const hex = (byte: number): string => `#${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return [...Buffer.from(uri, 'utf8')]
    .map(byte => (byte <= 32 || byte >= 127 || byte === 34 || byte === 35 ? hex(byte) : String.fromCharCode(byte)))
    .join('')
}

function raw({
  state = '--',
  clientError = 0,
  status = 200,
  times = '0 0 1 28',
  server = 'web.1_172.18.0.2_5000',
  method = 'GET',
  version = 'HTTP/1.1',
  tls = '-',
  ...rest
}: Fields = {}): string {
  const {host = 'demo.localhost', path = '/x?y=1', fwd = '203.0.113.9', client = 'C6336407'} = rest
  return `hokku4 1795395212331 one0:one0:app-1 ${server} ${state} ${clientError} ${status} ${times} 174 ${tls} ${method} ${escaped(path)} ${version} the-request-id ${base64(host)} ${base64(fwd)} ${client}`
}

const parseHaproxyLine = lineParser()
const line = (fields: Fields = {}): string => formatRouterLine(parseHaproxyLine(raw(fields))!.line)

describe('a line of HAProxy', () => {
  it('becomes Heroku’s line', () => {
    expect(line()).toBe(
      'at=info method=GET path="/x?y=1" host=demo.localhost request_id=the-request-id fwd="203.0.113.9" dyno=web.1 connect=1ms service=27ms status=200 bytes=174 protocol=http1.1 tls=false',
    )
  })

  it('keeps the app and the time', () => {
    expect(parseHaproxyLine(raw())).toMatchObject({appId: 'app-1', at: 1_795_395_212_331})
  })

  it('has the client’s address when no proxy named one, and the path alone when the client named the host', () => {
    expect(line({fwd: ''})).toContain(' fwd="198.51.100.7" ')
    expect(line({fwd: '', client: '00000000000000000000000000000001'})).toContain(' fwd="::1" ')
    expect(line({fwd: '', client: '20010DB8000000000001000000000001'})).toContain(' fwd="2001:db8::1:0:0:1" ')
    expect(line({fwd: '', client: '00000000000000000000FFFFC6336407'})).toContain(' fwd="::ffff:198.51.100.7" ')
    expect(line({path: 'http://demo.localhost/x?y=http://z/'})).toContain(' path="/x?y=http://z/" ')
    expect(line({path: '/a"b#c'})).toContain(' path="/a%22b#c" ')
  })

  it('of a client with TLS and HTTP/2 says which versions, and has the path alone', () => {
    expect(line({version: 'HTTP/2.0', tls: 'TLSv1.3', path: 'https://demo.localhost/x?y=1'})).toMatch(
      / path="\/x\?y=1" .* protocol=http2\.0 tls=true tls_version=tls1\.3$/,
    )
    expect(line({version: 'HTTP/1.0', tls: 'TLSv1.2'})).toMatch(/ protocol=http1\.0 tls=true tls_version=tls1\.2$/)
  })

  it('of no app, or of another kind, is none of ours', () => {
    expect(parseHaproxyLine('[NOTICE] (8) : New worker (10) forked')).toBeUndefined()
    expect(parseHaproxyLine('hokku4 1795395223581 - <NOSRV> PR 0 400 -1 -1 -1 0 0 - <BADREQ> - - - 01020304')).toBeUndefined()
    expect(parseHaproxyLine('')).toBeUndefined()
  })

  it.each([
    ['sH', 504, {code: 'H12', status: 503}],
    ['SH', 502, {code: 'H13', status: 503}],
    ['sD', 200, {code: 'H15', status: 503}],
    ['PH', 502, {code: 'H17', status: 503}],
    ['SD', 200, {code: 'H18', status: 200}],
    ['sC', 503, {code: 'H19', status: 503}],
    ['SC', 503, {code: 'H21', status: 503}],
    ['CH', 400, {code: 'H27', status: 499}],
    ['CD', 200, {code: 'H27', status: 499}],
    ['cH', 408, {code: 'H28', status: 499}],
    ['cD', 200, {code: 'H28', status: 499}],
    ['cD', 101, {code: 'H15', status: 503}],
    ['KD', 200, {code: 'H24', status: undefined}],
    ['KC', 500, {code: 'H24', status: undefined}],
    ['PR', 503, {code: 'H11', status: 503}],
    ['PH', 400, {code: 'H26', cause: 'bad chunk', status: 400}],
    ['PD', 200, {code: 'H17', status: 200}],
    ['LH', 502, {code: 'H25', status: 502}],
    ['PR', 400, {code: 'H26', cause: 'bad header', status: 400}],
    ['LR', 417, {code: 'H26', cause: 'unsupported expect header value', status: 417}],
    ['RC', 500, {code: 'H99', status: 503}],
    ['--', 504, {status: 504}],
  ])('that ended with %s and %i is %o', (state, status, outcome) => {
    expect(outcomeOf(state, status, 'web.1')).toEqual(outcome)
  })

  it('that fell silent for 55 s is H15, though HAProxy blames the client; one whose client broke off is H27', () => {
    const silent = {state: 'CD', times: '0 0 1 55003'}
    expect(line(silent)).toMatch(/^at=error code=H15 /)
    expect(line({...silent, clientError: 47})).toMatch(/^sock=client at=warning code=H27 /)
    expect(line({state: 'CD', times: '0 0 1 2000'})).toMatch(/code=H27 /)
  })

  it('without any dyno left is H34', () => {
    expect(outcomeOf('SC', 503, undefined)).toEqual({code: 'H34', status: 503})
  })

  it('of a refused connection has the time of connecting and none of service', () => {
    expect(line({state: 'SC', status: 503, times: '0 0 -1 3'})).toContain(' dyno=web.1 connect=3ms service= status=503 bytes=0 ')
  })

  it('cannot be broken or made up by what a client writes', () => {
    const alphabet = ['"', '\\', ' ', '\n', '\r', '\t', '\0', '%', '=', 'a', 'é', '漢', '\u2028', '\x1b', ':', '#', '{', '\x7f']
    let seed = 42
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const text = (): string => Array.from({length: random(40)}, () => alphabet[random(alphabet.length)]).join('')
    const broken: string[] = []
    for (let round = 0; round < 2_000; round += 1) {
      const [host, path, fwd] = [text(), text(), text()]
      const made = line({host, path, fwd})
      const match =
        /^at=info method=GET path="([ -~]*)" host=(\S*) request_id=the-request-id fwd="([ -~]*)" dyno=web\.1 connect=1ms service=27ms status=200 bytes=174 protocol=http1\.1 tls=false$/.exec(
          made,
        )
      if (match === null || match.slice(1).some(value => /["\\]/.test(value))) broken.push(made)
    }
    expect(broken).toEqual([])
  })
})

describe('the output of HAProxy', () => {
  it('is put together from pieces, and lines of unknown apps are dropped', () => {
    const entries: LogEntry[] = []
    const read = outputReader({
      logs: {append: (_appId, entry) => void entries.push(entry)},
      log: silentLog,
      known: appId => appId === 'app-1',
    })
    const text = `${raw({path: '/1'})}\n${raw().replace('app-1', 'app-9')}\n${raw({path: '/2'})}\n`
    for (let at = 0; at < text.length; at += 7) read({stream: 'stdout', data: Buffer.from(text.slice(at, at + 7))})
    expect(entries.map(entry => [entry.source, entry.ps, /path="[^"]*"/.exec(entry.message)![0]])).toEqual([
      ['heroku', 'router', 'path="/1"'],
      ['heroku', 'router', 'path="/2"'],
    ])
  })
})
