import {describe, expect, test} from 'vitest'
import type {BuildPlan, Buildpack} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {gradle} from '../../../../src/lib/runtime/buildpacks/gradle/gradle.js'
import {findBuildpack} from '../../../../src/lib/runtime/buildpacks/index.js'
import {java} from '../../../../src/lib/runtime/buildpacks/java/java.js'
import {scala} from '../../../../src/lib/runtime/buildpacks/scala/scala.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages, unseen} from './packages.js'

type Files = Record<string, string>
const sourceFrom = (files: Files) => sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))

async function planOf(buildpack: Buildpack, files: Files, configVars: Record<string, string> = {}): Promise<BuildPlan> {
  await using at = await sourceFrom({'system.properties': 'java.runtime.version=21', ...files})
  const now = new Date('2026-11-22T00:00:00Z')
  return await buildpack.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars, packages, clients})
}
const commands = (plan: BuildPlan) => plan.build.flatMap(step => step.run).join('\n')

/** Default process types of an image whose files are `built`. */
async function defaults(buildpack: Buildpack, files: Files, built: Files = {}): Promise<Record<string, string>> {
  await using at = await sourceFrom(files)
  return (await buildpack.release(at.source, {text: async path => built[path]})).defaultProcessTypes
}

test.each([
  ['heroku/java', java, 'pom.xml'],
  ['heroku/java', java, 'pom.yml'],
  ['heroku/gradle', gradle, 'gradlew'],
  ['heroku/gradle', gradle, 'settings.gradle.kts'],
  ['heroku/scala', scala, 'build.sbt'],
  ['heroku/scala', scala, 'project/Build.scala'],
])('%s takes a source with %3$s, by any of its names', async (name, buildpack, file) => {
  await using its = await sourceFrom({[file]: ''})
  await using other = await sourceFrom({[`sub/${file}`]: '', 'index.txt': ''})
  expect(await buildpack.detect(its.source)).toBeTypeOf('string')
  expect(await buildpack.detect(other.source)).toBeUndefined()
  expect((await buildpack.rejection(other.source)).join('\n')).toMatch(/couldn't find any supported[\s\S]*index\.txt\nsub\/\n/)
  for (const alias of [name, `urn:buildpack:${name}`, `https://github.com/heroku/heroku-buildpack-${name.slice(7)}.git#v1`])
    expect(findBuildpack(alias)?.name).toBe(name)
})

describe('heroku/java', () => {
  const wrapper = {mvnw: '', '.mvn/wrapper/maven-wrapper.properties': ''}

  test('uses the app’s wrapper, and no other Maven', async () => {
    const plan = await planOf(java, {'pom.xml': '', ...wrapper})
    expect(commands(plan)).toContain('\n./mvnw $maven_settings -DoutputFile=target/mvn-dependency-list.log -B ')
    expect(plan.toolchains.map(({name}) => name)).toEqual(['jdk'])
  })

  test.each([
    ['no wrapper', {}, '3.9.4'],
    ['a wrapper without its properties', {mvnw: ''}, '3.9.4'],
    ['maven.version', {...wrapper, 'system.properties': 'java.runtime.version=21\nmaven.version=3.8.8'}, '3.8.8'],
  ])('with %s Maven comes from Maven Central', async (_, files, version) => {
    const plan = await planOf(java, {'pom.xml': '', ...files})
    expect(commands(plan)).toContain('\nmvn $maven_settings')
    expect(plan.toolchains[1]?.install.join('\n')).toContain(`/org/apache/maven/apache-maven/${version}/apache-maven-${version}-bin.tar.gz`)
    expect(plan.warnings.join('\n').includes('Maven Wrapper script found without properties file')).toBe(
      'mvnw' in files && !('system.properties' in files),
    )
  })

  test('an app’s own .m2/settings.xml comes before every other, with a warning', async () => {
    const both = await planOf(java, {'pom.xml': '', '.m2/settings.xml': ''}, {MAVEN_SETTINGS_PATH: 'x.xml'})
    expect(both.warnings.join('\n')).toContain('the MAVEN_SETTINGS_PATH environment variable is set')
    expect(commands(both)).not.toContain('ln -sf')
    const alone = await planOf(java, {'pom.xml': '', '.m2/settings.xml': ''})
    expect(alone.warnings).toEqual([])
    expect(commands(await planOf(java, {'pom.xml': '', 'settings.xml': ''}))).toContain('ln -sf /app/settings.xml .m2/settings.xml')
  })

  test('keeps downloads in a cache of the app alone, and the app’s JVM settings from Maven', async () => {
    const [step] = (await planOf(java, {'pom.xml': ''})).build
    expect(step?.caches).toEqual([{id: 'hokku-maven', target: '/tmp/build-cache/maven'}])
    expect(step?.run[0]).toBe('unset JAVA_OPTS JAVA_TOOL_OPTIONS')
  })

  const jar = {'/app/.heroku/java/jar': 'target/a-1.jar'}
  test.each([
    [
      '<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter</artifactId>',
      'java -Dserver.port=$PORT $JAVA_OPTS -jar target/a-1.jar',
    ],
    ['<groupId>org.wildfly.swarm</groupId>', 'java -Dswarm.http.port=$PORT $JAVA_OPTS -jar target/a-1.jar'],
    ['<groupId>io.micronaut</groupId>', 'java -Dmicronaut.server.port=$PORT $JAVA_OPTS -jar target/a-1.jar'],
    ['<groupId>io.quarkus</groupId>', 'java -Dquarkus.http.port=$PORT $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar'],
  ])('web of a pom with %s', async (pom, web) => {
    expect(await defaults(java, {'pom.xml': pom}, jar)).toEqual({web})
    expect(await defaults(java, {'pom.xml': pom, Procfile: 'worker: x'}, jar)).toEqual({})
  })

  test('without a framework, or without its jar, there is no web', async () => {
    await using plain = await sourceFrom({'pom.xml': '<project/>'})
    expect(await java.release(plain.source, unseen)).toEqual({defaultProcessTypes: {}})
    expect(await defaults(java, {'pom.xml': '<groupId>io.micronaut'})).toEqual({})
  })
})

describe('heroku/gradle', () => {
  test('without the wrapper is refused with Heroku’s words', async () => {
    await expect(planOf(gradle, {'build.gradle': ''})).rejects.toThrow('Gradle Wrapper is missing.')
  })

  test('finds the task out unless GRADLE_TASK says it, and web unless the Procfile does', async () => {
    const detects = async (files: Files, configVars = {}) => {
      const run = commands(await planOf(gradle, {gradlew: '', ...files}, configVars))
      return [run.includes('heroku-list-all-dependencies --quiet'), run.includes('tasks --all 2>'), run.includes('.heroku/gradle/web')]
    }
    expect(await detects({})).toEqual([true, true, true])
    expect(await detects({Procfile: ''})).toEqual([true, true, false])
    expect(await detects({}, {GRADLE_TASK: 'jar'})).toEqual([true, false, true])
    expect(await detects({Procfile: ''}, {GRADLE_TASK: 'jar'})).toEqual([false, false, false])
  })

  test('web is what the step found', async () => {
    const built = {'/app/.heroku/gradle/web': 'java -jar x.jar'}
    expect(await defaults(gradle, {gradlew: ''}, built)).toEqual({web: 'java -jar x.jar'})
    expect(await defaults(gradle, {gradlew: '', Procfile: 'a: b'}, built)).toEqual({})
  })
})

describe('heroku/scala', () => {
  const sbt = (version: string) => ({'build.sbt': '', 'project/build.properties': `sbt.version=${version}\n`})

  test('the launcher is the app’s sbt version’s', async () => {
    const {toolchains} = await planOf(scala, sbt('1.11.7'))
    expect(toolchains[1]?.install.join('\n')).toContain('/org/scala-sbt/sbt-launch/1.11.7/sbt-launch-1.11.7.jar')
  })

  test.each([
    [{'build.sbt': ''}, 'sbt version cannot be determined'],
    [sbt('0.13.17'), 'does not support sbt 0.13.17'],
    [sbt('2.0.0'), 'use at least sbt 2.0.1'],
    [sbt('3.1'), 'does not support sbt 3.1'],
  ])('%j is refused: %s', async (files, words) => {
    await expect(planOf(scala, files)).rejects.toThrow(words)
  })

  test('settings for every project are in the language of the sbt version', async () => {
    expect(commands(await planOf(scala, sbt('1.0.4')))).toContain('sources in (Compile, doc) := Nil')
    expect(commands(await planOf(scala, sbt('1.9.9')))).toContain('Compile / doc / sources := Nil')
    expect((await planOf(scala, sbt('0.13.18'))).warnings[0]).toBe('Warning: Unsupported sbt version detected.')
  })

  test('settings in system.properties count, with a warning', async () => {
    const plan = await planOf(scala, {...sbt('1.11.7'), 'system.properties': 'java.runtime.version=21\nsbt.project=web\n'})
    expect(commands(plan)).toContain('\nSBT_PROJECT=web\n')
    expect(plan.warnings.join()).toContain('set the config var SBT_PROJECT instead of sbt.project')
  })

  test('sbt’s heap is bounded, and the user’s SBT_OPTS come later', async () => {
    const line = commands(await planOf(scala, sbt('1.11.7'))).match(/export SBT_OPTS=.*/)?.[0] ?? ''
    expect(line).toMatch(/"-Xmx1536m .*\$\{SBT_OPTS\/\/ -J\/ -\}"$/)
  })

  test('web is what the step found', async () => {
    expect(await defaults(scala, {'build.sbt': ''}, {'/app/.heroku/scala/web': 'target/start'})).toEqual({web: 'target/start'})
    expect(await defaults(scala, {'build.sbt': '', Procfile: ''}, {'/app/.heroku/scala/web': 'x'})).toEqual({})
  })
})
