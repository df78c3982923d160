import type {ConfigVars} from '../../../schema/resources.js'
import type {BuildStep, Source, Toolchain} from '../buildpack.js'
import {centralAddress, fromCentral} from '../jvm/central.js'
import {beforeTool} from '../jvm/ground.js'
import {javaProperty} from '../jvm/properties.js'
import {mavenProxy} from '../jvm/proxies.js'

/** Heroku's default, for apps with neither a wrapper nor `maven.version`. */
const defaultVersion = '3.9.4'
const wrapperSettings = '.mvn/wrapper/maven-wrapper.properties'
const cache = '/tmp/build-cache/maven'
export const mavenBin = '/usr/local/heroku-build/maven/bin'

export interface Maven {
  command: './mvnw' | 'mvn'
  /** Undefined when the wrapper brings its own. */
  version: string | undefined
  warnings: string[]
}

/** `maven.version` of system.properties, else the app's wrapper, else the default. */
export async function chooseMaven(source: Source): Promise<Maven> {
  const pinned = await javaProperty(source, 'system.properties', 'maven.version')
  const incomplete = source.has('mvnw') && !source.has(wrapperSettings)
  if (source.has('mvnw') && !incomplete && pinned === undefined) return {command: './mvnw', version: undefined, warnings: []}
  return {command: 'mvn', version: pinned ?? defaultVersion, warnings: incomplete ? incompleteWrapper : []}
}

/** From Maven Central, for builds only. */
export function mavenToolchain(version: string): Toolchain {
  return {
    name: 'maven',
    downloads: [],
    install: [
      ...centralAddress,
      ...fromCentral({group: 'org.apache.maven', name: 'apache-maven', version, suffix: '-bin.tar.gz'}, unavailable(version)),
      'mkdir -p /out/build/maven',
      'tar -xzf artifact --strip-components=1 -C /out/build/maven',
    ],
  }
}

/** A silent connection ends after a minute, and none is used again that a proxy may have forgotten: Maven's own limits are half an hour. */
const patience = [
  '-Daether.connector.requestTimeout=60000',
  '-Daether.connector.http.connectionMaxTtl=25',
  '-Dmaven.wagon.rto=60000',
  '-Dmaven.wagon.httpconnectionManager.ttlSeconds=25',
].join(' ')

/** Heroku's command. MAVEN_CUSTOM_OPTS and MAVEN_CUSTOM_GOALS are read where it runs: no config var's value is in a plan. */
export function mavenStep({command}: Maven, source: Source, after: string[]): BuildStep {
  const opts = `\${MAVEN_CUSTOM_OPTS:--DskipTests} \${MAVEN_CUSTOM_GOALS:-clean dependency:list install}`
  return {
    name: 'maven',
    heading: 'Executing Maven',
    introduction: [],
    run: [
      ...beforeTool,
      ...mavenProxy,
      `export MAVEN_OPTS="-Xmx1024m\${MAVEN_JAVA_OPTS:+ $MAVEN_JAVA_OPTS} -Duser.home=/app ${patience} -Dmaven.repo.local=${cache}/repository$java_proxy"`,
      ...settings(source),
      ...(command === './mvnw' ? ['chmod +x mvnw'] : []),
      `echo "$ ${command} ${opts}"`,
      `${command} $maven_settings -DoutputFile=target/mvn-dependency-list.log -B ${opts}`,
      // What is linked or unpacked there is for this build.
      `if [ -L .m2/settings.xml ]; then rm .m2/settings.xml; fi`,
      'rm -rf .m2/wrapper',
      ...after,
    ],
    env: {MAVEN_USER_HOME: cache},
    caches: [{id: 'hokku-maven', target: cache}],
    configVars: ['*'],
  }
}

/** MAVEN_SETTINGS_PATH, MAVEN_SETTINGS_URL, settings.xml at the root; an app's own .m2/settings.xml comes before them all. */
function settings(source: Source): string[] {
  if (source.has('.m2/settings.xml')) return []
  const link = (target: string): string => `mkdir -p .m2; ln -sf ${target} .m2/settings.xml`
  const local = source.has('settings.xml') ? `echo "Using settings.xml from project directory"; ${link('/app/settings.xml')}` : ':'
  return [
    [
      `if [ -n "\${MAVEN_SETTINGS_PATH:-}" ]; then echo "Using settings.xml from $MAVEN_SETTINGS_PATH"; ${link('"$(realpath "$MAVEN_SETTINGS_PATH")"')}`,
      `elif [ -n "\${MAVEN_SETTINGS_URL:-}" ]; then echo "Using settings.xml from $MAVEN_SETTINGS_URL"; curl -sSfL --retry 3 --retry-connrefused --connect-timeout 5 --max-time 10 -o /dev/shm/settings.xml "$MAVEN_SETTINGS_URL" || { echo "Error: Unable to download Maven settings.xml."; exit 1; }; ${link('/dev/shm/settings.xml')}`,
      `else ${local}`,
      'fi',
    ].join('; '),
  ]
}

/** Of several sources of settings.xml only the app's own .m2/settings.xml counts, with Heroku's words. */
export function settingsWarnings(source: Source, configVars: ConfigVars): string[] {
  const other = ['MAVEN_SETTINGS_PATH', 'MAVEN_SETTINGS_URL'].find(name => configVars[name])
  if (!source.has('.m2/settings.xml') || (other === undefined && !source.has('settings.xml'))) return []
  const also =
    other === undefined ? 'a settings.xml file was also found in the project directory' : `the ${other} environment variable is set`
  return [
    'Warning: Using existing settings.xml file.',
    '',
    'A settings.xml file already exists at .m2/settings.xml.',
    `However, ${also}, which would normally`,
    'be used as the settings.xml configuration. The existing file will be used.',
  ]
}

function unavailable(version: string): string[] {
  return [
    "Error: The requested Maven version isn't available.",
    '',
    "Your app's system.properties file specifies a Maven version",
    `of ${version}, however, we couldn't find that version in the`,
    'Maven repository.',
    '',
    'We also strongly recommend using the Maven Wrapper instead of',
    `pinning to an exact Maven version such as ${version}.`,
    '',
    `The default supported version is ${defaultVersion}.`,
  ]
}

const incompleteWrapper = [
  'Warning: Maven Wrapper script found without properties file.',
  '',
  `Found mvnw script but missing ${wrapperSettings}.`,
  'The Maven Wrapper requires both files to function properly.',
  '',
  'To fix this issue, run this command in your project directory',
  'locally and commit the generated files:',
  '$ mvn wrapper:wrapper',
]
