import type {BuildEnv, BuildPlan, BuildStep, Source} from '../buildpack.js'
import {lineOf, resolveJavaVersion} from './java-version.js'
import {buildFolder, jdkHome, jdksFor, jdkToolchain, keystore} from './jdk.js'
import {jvmProfile} from './profile.js'
import {javaProperty} from './properties.js'
import {javaProxy} from './proxies.js'

/** What a plan for the JVM begins with. */
export type Ground = Pick<BuildPlan, 'toolchains' | 'path' | 'env' | 'decisions' | 'build' | 'files' | 'warnings'> & {keystore?: string}

/** The JDK of system.properties: Debian's, or `.jdk` where the source brings its own; `.jdk-overlay` is laid over a copy in the app. */
export async function jvmGround(source: Source, env: BuildEnv): Promise<Ground> {
  const wanted = await javaProperty(source, 'system.properties', 'java.runtime.version')
  const line = lineOf((wanted ?? '').replace(/^[A-Za-z]+-/, ''))
  const {jdk, warnings} = resolveJavaVersion(wanted, await jdksFor(env.clients, wanted === undefined ? 25 : line))
  const toolchains = [jdkToolchain(jdk)]
  // Debian's JDK is there all the same: tools are fetched with it.
  if (source.hasFolder('.jdk')) return {...grounded('/app/.jdk'), toolchains, decisions: [{heading: 'Using provided JDK', lines: []}]}
  const overlay = source.hasFolder('.jdk-overlay')
  return {
    ...grounded(overlay ? '/app/.jdk' : jdkHome),
    keystore,
    toolchains,
    decisions: [{heading: `Installing OpenJDK ${jdk.version}`, lines: []}],
    build: overlay ? [overlayStep] : [],
    warnings,
  }
}

function grounded(home: string): Omit<Ground, 'toolchains' | 'decisions'> {
  return {path: [`${home}/bin`], env: {JAVA_HOME: home}, build: [], files: jvmProfile(home), warnings: []}
}

const overlayStep: BuildStep = {
  name: 'jdk-overlay',
  heading: 'Applying the JDK overlay',
  introduction: [],
  run: ['cp -a /usr/local/heroku/jdk/. .jdk', 'cp -r --remove-destination .jdk-overlay/. .jdk/'],
  env: {},
  caches: [],
  configVars: [],
}

/** Shell lines before a build tool: the database as JDBC knows it, proxies as Java does. */
export const jvmAround = [`if [ -f ${buildFolder}/jdbc.sh ]; then . ${buildFolder}/jdbc.sh; fi`, ...javaProxy]

/** The same, and the app's settings of its JVM are not the tool's. */
export const beforeTool = ['unset JAVA_OPTS JAVA_TOOL_OPTIONS', ...jvmAround]
