/**
 * Shell lines that put the environment's proxies, which Java does not read, into `java_proxy` as system properties: empty where there are
 * none. Written nowhere: a proxy's address may hold a password.
 */
export const javaProxy = [
  "java_proxy=''",
  `proxy_of() { local lower=$1_proxy upper; upper=$(printf %s $1 | tr a-z A-Z)_PROXY; printf %s "\${!lower:-\${!upper:-}}"; }`,
  `plain() { printf %b "\${1//%/\\\\x}"; }`,
  `for scheme in http https; do if [[ $(proxy_of $scheme) =~ ^([a-z]+://)?(([^:@/]*)(:([^@/]*))?@)?([^:/@]+)(:([0-9]+))?/?$ ]]; then found=("\${BASH_REMATCH[@]}"); java_proxy+=" -D$scheme.proxyHost=\${found[6]} -D$scheme.proxyPort=\${found[8]:-80}"; if [ -n "\${found[3]}" ]; then java_proxy+=" -D$scheme.proxyUser=$(plain "\${found[3]}") -D$scheme.proxyPassword=$(plain "\${found[5]}") -Djdk.http.auth.tunneling.disabledSchemes="; fi; fi; done`,
  'direct=$(proxy_of no)',
  'if [ -n "$java_proxy" ] && [ -n "$direct" ]; then java_proxy+=" -Dhttp.nonProxyHosts=$(printf %s "$direct" | tr -d " " | sed -E "s/(^|,)\\./\\1*./g; s/,/|/g")"; fi',
]

/** `maven_settings`: arguments that have Maven, whose downloads do not heed system properties, use the same proxies. Kept in memory. */
export const mavenProxy = [
  "maven_settings=''",
  'property() { printf %s "$java_proxy" | tr " " "\\n" | sed -n "s/^-D$1=//p" | sed "s/&/\\&amp;/g; s/</\\&lt;/g"; }',
  'proxy_xml() { printf "<proxy><id>$1</id><active>true</active><protocol>$1</protocol><host>%s</host><port>%s</port><username>%s</username><password>%s</password><nonProxyHosts>%s</nonProxyHosts></proxy>" "$(property $1.proxyHost)" "$(property $1.proxyPort)" "$(property $1.proxyUser)" "$(property $1.proxyPassword)" "$(property http.nonProxyHosts)"; }',
  'if [ -n "$java_proxy" ]; then printf "<settings><proxies>%s%s</proxies></settings>" "$(proxy_xml http)" "$(proxy_xml https)" > /dev/shm/maven-settings.xml; maven_settings="-gs /dev/shm/maven-settings.xml"; fi',
]
