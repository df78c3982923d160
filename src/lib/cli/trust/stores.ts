import {join} from 'node:path'

/** What decides where authorities are kept here. */
export interface Machine {
  platform: NodeJS.Platform
  uid: number
  homeDirectory: string
  exists(path: string): boolean
  /** Names in a directory; none when it is not there. */
  list(path: string): string[]
  /** Whether there is such a program on the PATH. */
  has(program: string): boolean
  /** Whether somebody can type a password. */
  terminal: boolean
}

export interface LocalCa {
  /** PEM file. */
  path: string
  /** What stores call it. */
  name: string
  /** SHA-1 of the certificate in hex, by which macOS and Windows find it. */
  sha1: string
}

/** A place where programs look for authorities. */
export interface TrustStore {
  name: string
  /** Programs to run in turn, with their arguments. */
  trust: string[][]
  /** None when it does not have the authority. */
  untrust: string[][]
  /** Why nothing can be done about it, and what to do. */
  unable?: string
}

/** Linux distributions tell themselves apart by the directory in which they want additional authorities. */
const anchors = [
  {
    name: 'Debian',
    directory: '/usr/local/share/ca-certificates',
    suffix: '.crt',
    add: ['update-ca-certificates'],
    remove: ['update-ca-certificates', '--fresh'],
  },
  {
    name: 'Red Hat',
    directory: '/etc/pki/ca-trust/source/anchors',
    suffix: '.pem',
    add: ['update-ca-trust', 'extract'],
    remove: ['update-ca-trust', 'extract'],
  },
  {
    name: 'Arch',
    directory: '/etc/ca-certificates/trust-source/anchors',
    suffix: '.crt',
    add: ['trust', 'extract-compat'],
    remove: ['trust', 'extract-compat'],
  },
  {
    name: 'SUSE',
    directory: '/usr/share/pki/trust/anchors',
    suffix: '.pem',
    add: ['update-ca-certificates'],
    remove: ['update-ca-certificates'],
  },
] as const

/** All stores of this machine. */
export function trustStores(machine: Machine, ca: LocalCa): TrustStore[] {
  if (machine.platform === 'win32') return [windows(ca)]
  const own = machine.platform === 'darwin' ? macos(machine, ca) : linux(machine, ca)
  return [own, ...databases(machine).map(database => nss(machine, ca, database))]
}

function linux(machine: Machine, ca: LocalCa): TrustStore {
  const found = anchors.find(({directory, add}) => machine.exists(directory) && machine.has(add[0]))
  if (found === undefined)
    return {
      name: 'system',
      trust: [],
      untrust: [],
      unable: `no known store was found; add ${ca.path} by hand. On Debian: apt install ca-certificates`,
    }
  const {name, directory, suffix, add, remove} = found
  const file = `${directory}/${ca.name.replaceAll(' ', '-')}${suffix}`
  const asRoot = (words: readonly string[]): string[] => [...rootPrefix(machine), ...words]
  return {
    name: `system (${name})`,
    trust: [asRoot(['install', '-m', '644', ca.path, file]), asRoot(add)],
    untrust: machine.exists(file) ? [asRoot(['rm', '-f', file]), asRoot(remove)] : [],
    ...(machine.uid === 0 || machine.has('sudo') ? {} : {unable: 'it is for root to change, and there is no sudo'}),
  }
}

function rootPrefix({uid, terminal}: Machine): string[] {
  if (uid === 0) return []
  // Where nobody can type a password, sudo is not to wait for one.
  return terminal ? ['sudo'] : ['sudo', '-n']
}

/** The user's own keychain, or for root the system's. */
function macos({uid, homeDirectory}: Machine, {path, sha1}: LocalCa): TrustStore {
  const [scope, keychain] =
    uid === 0 ? [['-d'], '/Library/Keychains/System.keychain'] : [[], join(homeDirectory, 'Library/Keychains/login.keychain-db')]
  return {
    name: 'keychain (macOS)',
    trust: [['security', 'add-trusted-cert', ...scope, '-r', 'trustRoot', '-k', keychain, path]],
    untrust: [
      ['security', 'remove-trusted-cert', ...scope, path],
      ['security', 'delete-certificate', '-Z', sha1, keychain],
    ],
  }
}

function windows({path, sha1}: LocalCa): TrustStore {
  return {
    name: 'user (Windows)',
    trust: [['certutil', '-user', '-addstore', 'Root', path]],
    untrust: [['certutil', '-user', '-delstore', 'Root', sha1]],
  }
}

interface Database {
  name: string
  directory: string
  /** It is made where it is not there yet. */
  missing?: boolean
}

/** Where browsers that do not use the system's store have their own. */
function databases(machine: Machine): Database[] {
  const at = (path: string): string => join(machine.homeDirectory, path)
  const profiles = ['.mozilla/firefox', 'snap/firefox/common/.mozilla/firefox', 'Library/Application Support/Firefox/Profiles'].flatMap(
    folder => machine.list(at(folder)).map(profile => ({name: `Firefox (${profile})`, directory: join(at(folder), profile)})),
  )
  const chromes = ['.pki/nssdb', 'snap/chromium/current/.pki/nssdb'].map(path => ({
    name: path.startsWith('snap') ? 'Chromium (snap)' : 'Chrome, Chromium',
    directory: at(path),
  }))
  const found: Database[] = [...chromes, ...profiles].filter(({directory}) => machine.exists(join(directory, 'cert9.db')))
  const shared = chromes[0] as Database
  // Chrome reads it, and makes it only when it is first started.
  if (machine.platform === 'linux' && machine.has('certutil') && !found.includes(shared)) found.unshift({...shared, missing: true})
  return found
}

function nss(machine: Machine, ca: LocalCa, {name, directory, missing}: Database): TrustStore {
  const database = ['-d', `sql:${directory}`]
  const make = [
    ['mkdir', '-p', '-m', '700', directory],
    ['certutil', '-N', ...database, '--empty-password'],
  ]
  return {
    name,
    trust: [...(missing ? make : []), ['certutil', '-A', ...database, '-t', 'C,,', '-n', ca.name, '-i', ca.path]],
    untrust: missing ? [] : [['certutil', '-D', ...database, '-n', ca.name]],
    ...(machine.has('certutil') ? {} : {unable: `certutil is missing: ${certutilFrom(machine)}`}),
  }
}

function certutilFrom({platform, has}: Machine): string {
  if (platform === 'darwin') return 'brew install nss'
  return has('dnf') ? 'dnf install nss-tools' : 'apt install libnss3-tools'
}
