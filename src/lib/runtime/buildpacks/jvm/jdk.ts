import type {Clients, Toolchain} from '../buildpack.js'
import {listPackages, suiteFunctions} from '../debian-suites.js'
import {type Jdk, lineOf} from './java-version.js'
import {jdbcScript} from './jdbc.js'

/** Where the JDK is while an app is built and while it runs. */
export const jdkHome = '/app/.heroku/jdk'
/** The certificates that Java trusts. A link leads here from where each version looks. */
export const keystore = '/usr/local/heroku/jdk/cacerts'
/** Headers and modules that only builds need, and the script that makes JDBC_DATABASE_URL. */
export const buildFolder = '/usr/local/heroku-build/jdk'

/** The JDKs of the stack's own suite, and where the wanted line is not among them, those of other suites. */
export async function jdksFor(clients: Clients, line: number | undefined): Promise<Jdk[]> {
  const own = newestOf(await clients.ask({id: 'jdks', run: [...suiteFunctions, ...list('$own')]}))
  if (own.some(jdk => jdk.line === line)) return own
  const others = await clients.ask({id: 'jdks-elsewhere', run: [...suiteFunctions, ...otherSuites.flatMap(list)]})
  return [...own, ...newestOf(others).filter(jdk => own.every(({line: known}) => known !== jdk.line))]
}

/** Suites with JDKs that run on the stack beside its own, in the order in which they are looked into: older ones, unstable. */
const otherSuites = ['bookworm', 'bullseye', 'sid']

function list(suite: string): string[] {
  return listPackages(suite, '$(seq -f openjdk-%g-jdk-headless 7 40)')
}

/** One of each line: the first suite's newest. Early-access builds count only where nothing else is. */
function newestOf(lines: string[]): Jdk[] {
  const all = lines.flatMap(parse)
  const released = all.filter(({debian}) => !/\dea-|~\d*ea/.test(debian))
  const found = new Map<number, Jdk>()
  for (const jdk of [...released, ...all]) {
    const known = found.get(jdk.line)
    if (known === undefined || (known.suite === jdk.suite && newer(jdk.version, known.version))) found.set(jdk.line, jdk)
  }
  return [...found.values()]
}

function parse(line: string): Jdk[] {
  const [, suite, debian] = /^([a-z]+) openjdk-\d+-jdk-headless ([\w.+~:-]+)$/.exec(line.trim()) ?? []
  if (suite === undefined || debian === undefined) return []
  const [, old, update] = /^(\d+)u(\d+)/.exec(debian) ?? []
  const version = old === undefined ? (/^[\d.]+/.exec(debian)?.[0] ?? debian) : `1.${old}.0_${update}`
  const major = lineOf(version)
  return major === undefined ? [] : [{line: major, version, debian, suite}]
}

function newer(a: string, b: string): boolean {
  return a.localeCompare(b, 'en', {numeric: true}) > 0
}

/** Debian's JDK in a folder of its own, so that one of another suite meddles with nothing. */
export function jdkToolchain({line, debian, suite}: Jdk): Toolchain {
  const packages = [`openjdk-${line}-jdk-headless`, `openjdk-${line}-jre-headless`]
  return {
    name: 'jdk',
    // What AWT needs to draw text and pictures, without a screen.
    debian: {run: ['fontconfig', 'fonts-dejavu-core', 'libfreetype6', 'libharfbuzz0b', 'liblcms2-2', 'libpcsclite1'], build: []},
    downloads: [],
    install: [
      ...suiteFunctions,
      'jdk=/out/run/jdk build=/out/build/jdk',
      'mkdir -p $jdk $build /tmp/debs',
      `sources_of ${suite}`,
      `apt_of ${suite} apt-get update`,
      'cd /tmp/debs',
      // The list of versions may be a day old: then the newest will do.
      `apt_of ${suite} apt-get download ${packages.map(name => `${name}=${debian}`).join(' ')} || apt_of ${suite} apt-get download ${packages.join(' ')}`,
      'for deb in *.deb; do dpkg -x $deb /tmp/unpacked; done',
      `cp -a /tmp/unpacked/usr/lib/jvm/java-${line}-openjdk-*/. $jdk/`,
      ...settle,
      `printf %s ${Buffer.from(jdbcScript).toString('base64')} | base64 -d > $build/jdbc.sh`,
    ],
  }
}

/**
 * Settings that Debian keeps in /etc come into the folder (11 has a link to one that is not in its package); certificates are the stack's,
 * as a keystore; jlink's modules are for builds.
 */
const settle = [
  'find $jdk -type l -lname "/etc/*" ! -name cacerts | while read -r link; do target=$(readlink "$link"); rm "$link"; if [ -e "/tmp/unpacked$target" ]; then cp -aL "/tmp/unpacked$target" "$link"; fi; done',
  'openssl pkcs12 -export -nokeys -jdktrust anyExtendedKeyUsage -certpbe NONE -nomac -passout pass: -in /etc/ssl/certs/ca-certificates.crt -out $jdk/cacerts',
  'chmod 0644 $jdk/cacerts',
  `for folder in lib/security jre/lib/security; do if [ -e $jdk/$folder/java.policy ] || [ -L $jdk/$folder/cacerts ]; then ln -sfn ${keystore} $jdk/$folder/cacerts; fi; done`,
  'rm -rf $jdk/man $jdk/docs $jdk/demo $jdk/src.zip',
  `if [ -d $jdk/jmods ]; then mv $jdk/jmods $build/jmods; ln -s ${buildFolder}/jmods $jdk/jmods; fi`,
]
