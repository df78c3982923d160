import {describe, expect, it} from 'vitest'
import {type LocalCa, type Machine, type TrustStore, trustStores} from '../../../../src/lib/cli/trust/stores.js'

const ca: LocalCa = {path: '/home/dev/hokku/ca.pem', name: 'hokku local CA 01234567', sha1: 'AB12'}

interface Given {
  platform?: NodeJS.Platform
  uid?: number
  paths?: string[]
  programs?: string[]
  terminal?: boolean
}

function machine({platform = 'linux', uid = 1000, paths = [], programs = [], terminal = true}: Given): Machine {
  return {
    platform,
    uid,
    homeDirectory: '/home/dev',
    exists: path => paths.some(one => one === path || one.startsWith(`${path}/`)),
    list: path => [
      ...new Set(paths.flatMap(one => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1).split('/')[0] as string] : []))),
    ],
    has: program => programs.includes(program),
    terminal,
  }
}

const told = (store: TrustStore) => ({
  name: store.name,
  trust: store.trust.map(words => words.join(' ')),
  untrust: store.untrust.map(words => words.join(' ')),
  ...(store.unable === undefined ? {} : {unable: store.unable}),
})
const stores = (given: Given) => trustStores(machine(given), ca).map(told)

const debian = {paths: ['/usr/local/share/ca-certificates'], programs: ['update-ca-certificates', 'sudo']}
const file = '/usr/local/share/ca-certificates/hokku-local-CA-01234567.crt'

describe('the system’s store', () => {
  it('of Debian is changed with sudo by a user', () => {
    expect(stores(debian)).toEqual([
      {name: 'system (Debian)', trust: [`sudo install -m 644 ${ca.path} ${file}`, 'sudo update-ca-certificates'], untrust: []},
    ])
  })

  it('is told to forget what it has', () => {
    expect(stores({...debian, paths: [...debian.paths, file]})[0]?.untrust).toEqual([
      `sudo rm -f ${file}`,
      'sudo update-ca-certificates --fresh',
    ])
  })

  it('is changed by root without sudo, and where nobody can type without a question', () => {
    expect(stores({...debian, uid: 0})[0]?.trust[1]).toBe('update-ca-certificates')
    expect(stores({...debian, terminal: false})[0]?.trust[1]).toBe('sudo -n update-ca-certificates')
  })

  it.each([
    ['/etc/pki/ca-trust/source/anchors', 'update-ca-trust', 'sudo update-ca-trust extract'],
    ['/etc/ca-certificates/trust-source/anchors', 'trust', 'sudo trust extract-compat'],
    ['/usr/share/pki/trust/anchors', 'update-ca-certificates', 'sudo update-ca-certificates'],
  ])('is %s where that is', (directory, program, command) => {
    expect(stores({paths: [directory], programs: [program, 'sudo']})[0]?.trust[1]).toBe(command)
  })

  it('that cannot be changed says why', () => {
    expect(stores({...debian, programs: ['update-ca-certificates']})[0]?.unable).toBe('it is for root to change, and there is no sudo')
    expect(stores({programs: ['sudo']})[0]?.unable).toContain('no known store was found')
  })
})

describe('browsers', () => {
  it('have databases of their own, and Chrome’s is made where it is not there yet', () => {
    const profile = '/home/dev/.mozilla/firefox/abc.default/cert9.db'
    const [, chrome, firefox] = stores({...debian, paths: [...debian.paths, profile], programs: [...debian.programs, 'certutil']})
    expect(chrome).toEqual({
      name: 'Chrome, Chromium',
      trust: [
        'mkdir -p -m 700 /home/dev/.pki/nssdb',
        'certutil -N -d sql:/home/dev/.pki/nssdb --empty-password',
        `certutil -A -d sql:/home/dev/.pki/nssdb -t C,, -n ${ca.name} -i ${ca.path}`,
      ],
      untrust: [],
    })
    expect(firefox).toEqual({
      name: 'Firefox (abc.default)',
      trust: [`certutil -A -d sql:/home/dev/.mozilla/firefox/abc.default -t C,, -n ${ca.name} -i ${ca.path}`],
      untrust: [`certutil -D -d sql:/home/dev/.mozilla/firefox/abc.default -n ${ca.name}`],
    })
  })

  it('cannot be told without certutil, and what it is part of is named', () => {
    const paths = [...debian.paths, '/home/dev/.pki/nssdb/cert9.db']
    expect(stores({...debian, paths})[1]).toMatchObject({
      name: 'Chrome, Chromium',
      unable: 'certutil is missing: apt install libnss3-tools',
    })
    expect(stores({...debian, paths, programs: [...debian.programs, 'dnf']})[1]?.unable).toBe('certutil is missing: dnf install nss-tools')
  })
})

describe('elsewhere', () => {
  it('it is the user’s keychain on macOS, root’s is the system’s', () => {
    expect(stores({platform: 'darwin'})[0]?.trust).toEqual([
      `security add-trusted-cert -r trustRoot -k /home/dev/Library/Keychains/login.keychain-db ${ca.path}`,
    ])
    expect(stores({platform: 'darwin', uid: 0})[0]?.trust[0]).toContain(
      'add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain',
    )
  })

  it('it is the user’s store on Windows', () => {
    expect(stores({platform: 'win32'})).toEqual([
      {name: 'user (Windows)', trust: [`certutil -user -addstore Root ${ca.path}`], untrust: ['certutil -user -delstore Root AB12']},
    ])
  })
})
