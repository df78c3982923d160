import {RejectedSource, type Source, type Toolchain} from '../buildpack.js'
import {centralAddress, fromCentral} from '../jvm/central.js'
import {javaProperty} from '../jvm/properties.js'

/** A launcher of this version starts the sbt of any version that project/build.properties names. */
const launcherOfOld = '1.11.7'

export interface Sbt {
  version: string
  warnings: string[]
}

/** `sbt.version`; throws RejectedSource where Heroku's buildpack gives up. */
export async function resolveSbt(source: Source): Promise<Sbt> {
  const version = await javaProperty(source, 'project/build.properties', 'sbt.version')
  if (version === undefined) throw new RejectedSource(unknown)
  if (version === '0.13.18') return {version, warnings: old}
  if (/^0\./.test(version)) throw new RejectedSource(unsupported(version, tooOld))
  if (/^2\.0\.0(-|$)/.test(version)) throw new RejectedSource(unsupported(version, noPlugins))
  if (!/^[12]\./.test(version)) throw new RejectedSource(unsupported(version, []))
  return {version, warnings: []}
}

/** The launcher, for builds and for dynos. */
export function sbtToolchain({version}: Sbt): Toolchain {
  const launcher = version.startsWith('0.') ? launcherOfOld : version
  return {
    name: 'sbt',
    downloads: [],
    install: [
      ...centralAddress,
      ...fromCentral({group: 'org.scala-sbt', name: 'sbt-launch', version: launcher, suffix: '.jar'}, unavailable(launcher)),
      'mkdir -p /out/run/sbt/bin',
      'mv artifact /out/run/sbt/sbt-launch.jar',
      `printf '%s\\n' '#!/usr/bin/env bash' 'exec java $SBT_OPTS -jar /usr/local/heroku/sbt/sbt-launch.jar "$@"' > /out/run/sbt/bin/sbt`,
      'chmod 0755 /out/run/sbt/bin/sbt',
    ],
  }
}

const unknown = [
  'Error: sbt version cannot be determined.',
  '',
  'As part of your build definition you must specify the version of sbt that',
  'your build uses. This ensures consistent results across different environments.',
  '',
  'To fix this issue, create a file named project/build.properties that specifies',
  'the sbt version as follows:',
  '',
  '    sbt.version=1.11.7',
  '',
  'For more information, see:',
  'https://www.scala-sbt.org/1.x/docs/Basic-Def.html#Specifying+the+sbt+version',
]

function unsupported(version: string, why: string[]): string[] {
  return ['Error: Unsupported sbt version detected.', '', `This buildpack does not support sbt ${version}.`, ...why]
}

const tooOld = [
  'It is an end-of-life version that no longer receives security updates or bug fixes.',
  '',
  'To continue, update project/build.properties to use at least sbt 0.13.18,',
  'or preferably upgrade to sbt 1.x for active support.',
  '',
  'Upgrade guide:',
  '- https://www.scala-sbt.org/1.x/docs/Migrating-from-sbt-013x.html',
]

const noPlugins = [
  'Due to a bug in this version, global plugins are not executed,',
  'which are required by this buildpack. The bug was fixed in sbt 2.0.1.',
  '',
  'To continue, update project/build.properties to use at least sbt 2.0.1:',
  '',
  '    sbt.version=2.0.1',
]

const old = [
  'Warning: Unsupported sbt version detected.',
  '',
  'This buildpack does not officially support sbt 0.13.18. You are using',
  'an end-of-life version that no longer receives security updates or bug fixes.',
  'Please upgrade to sbt 1.x for active support.',
]

function unavailable(version: string): string[] {
  return [
    "Error: The requested sbt launcher version isn't available.",
    '',
    `We couldn't find sbt launcher version ${version} in the`,
    'Maven repository. Check that this sbt version has been released upstream:',
    'https://github.com/sbt/sbt/releases',
  ]
}
