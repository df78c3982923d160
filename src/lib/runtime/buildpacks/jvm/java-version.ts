import {RejectedSource} from '../buildpack.js'

/** A JDK of one of Debian's suites. */
export interface Jdk {
  /** `21` */
  line: number
  /** As Java writes it: `21.0.13`, `1.8.0_504` */
  version: string
  /** Debian's: `21.0.13+9-1~deb13u1` */
  debian: string
  /** `trixie` */
  suite: string
}

export interface JavaVersion {
  jdk: Jdk
  warnings: string[]
}

/** The newest line in long-term support, which an app that says nothing gets, as on Heroku. The next will be 29. */
export const latestLts = 25

/**
 * The JDK for `java.runtime.version`: the newest of its line, whatever update was asked for; the next newer line where Debian has none
 * of it. Both with a warning. Throws RejectedSource, with what there is.
 */
export function resolveJavaVersion(wanted: string | undefined, available: Jdk[]): JavaVersion {
  const {distribution, version} = selector(wanted ?? String(latestLts))
  const line = lineOf(version)
  const lines = available.map(jdk => jdk.line).sort((a, b) => a - b)
  const served = line === undefined ? undefined : lines.find(one => one >= line)
  const jdk = available.find(one => one.line === served)
  if (jdk === undefined) throw unsupported(wanted ?? '', available)
  return {jdk, warnings: wanted === undefined ? unspecified : substitutions({wanted, distribution, version, line, jdk})}
}

/** `zulu-17`, `17.0.9`, `1.8.0_392` */
function selector(wanted: string): {distribution: string | undefined; version: string} {
  const [, distribution, version = wanted] = /^([A-Za-z]+)-(.*)$/.exec(wanted) ?? []
  return {distribution, version}
}

/** 8 for `1.8.0_392`, `1.8` and `8`. */
export function lineOf(version: string): number | undefined {
  const [, old, line] = /^(?:1\.(\d+)|(\d+))(?:[._+].*)?$/.exec(version) ?? []
  return old === undefined && line === undefined ? undefined : Number(old ?? line)
}

interface Choice {
  wanted: string
  distribution: string | undefined
  version: string
  line: number | undefined
  jdk: Jdk
}

function substitutions({wanted, distribution, version, line, jdk}: Choice): string[] {
  const exact = /^(1\.)?\d+$/.test(version) || version === jdk.version || version === `${line}.0.0`
  return [
    ...(distribution === undefined
      ? []
      : [`The ${distribution} distribution is not used here: OpenJDK is Debian's, whatever the prefix says.`]),
    ...(jdk.line !== line ? [`OpenJDK ${version} cannot be had here; the next newer line, OpenJDK ${jdk.version}, was used.`] : []),
    ...(jdk.line === line && !exact ? [`OpenJDK ${version} cannot be had here; the newest of its line, ${jdk.version}, was used.`] : []),
  ].map(text => `${text} (java.runtime.version = ${wanted})`)
}

const unspecified = [
  'Warning: No OpenJDK version specified',
  '',
  'Your application does not explicitly specify an OpenJDK',
  'version. The latest long-term support (LTS) version will be',
  `installed. This currently is OpenJDK ${latestLts}.`,
  '',
  'To set the OpenJDK version, add or edit the system.properties',
  'file in the root directory of your application to contain:',
  '',
  `java.runtime.version = ${latestLts}`,
]

function unsupported(wanted: string, available: Jdk[]): RejectedSource {
  return new RejectedSource([
    `Error: Unsupported Java version: ${wanted}`,
    '',
    'Please check your system.properties file. To select a version based',
    'on the major version, specify only the major version itself',
    '(e.g., "21" or "17"). The newest of each line that can be had:',
    ...[...available].sort((a, b) => a.line - b.line).map(({version}) => `  ${version}`),
  ])
}
