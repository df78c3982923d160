/** Shell lines of a toolchain: `central` becomes the address of Maven Central as Debian's Maven has it in its model of every project. */
export const centralAddress = [
  'mkdir -p /tmp/central && cd /tmp/central',
  'apt-get -q update',
  'apt-get -q download libmaven3-core-java',
  'dpkg -x libmaven3-core-java_*.deb maven',
  "central=$(unzip -p maven/usr/share/java/maven3-model-builder.jar org/apache/maven/model/pom-4.0.0.xml | sed -n 's/.*<url>\\(.*\\)<\\/url>.*/\\1/p' | sed -n 1p)",
]

interface Artifact {
  group: string
  name: string
  version: string
  /** `bin.tar.gz` after `-`, or `jar` after `.` */
  suffix: '-bin.tar.gz' | '.jar'
}

/** Shell lines that put an artifact, checked by its SHA-1, into `/tmp/central/artifact`, or say `missing` where there is none, and fail. */
export function fromCentral({group, name, version, suffix}: Artifact, missing: string[]): string[] {
  const url = `$central/${group.replaceAll('.', '/')}/${name}/${version}/${name}-${version}${suffix}`
  const curl = 'curl -sSL --retry 5 --retry-all-errors --connect-timeout 10 --speed-time 30 --speed-limit 1000'
  const say = missing.map(line => `echo ${JSON.stringify(line)}`).join('; ')
  return [
    `status=$(${curl} -o artifact -w '%{http_code}' "${url}")`,
    `if [ "$status" = 404 ]; then ${say}; exit 1; elif [ "$status" != 200 ]; then echo "${url} answered with $status."; exit 1; fi`,
    `sum=$(${curl} -f "${url}.sha1")`,
    `echo "\${sum%% *}  artifact" | sha1sum --check --quiet`,
  ]
}
