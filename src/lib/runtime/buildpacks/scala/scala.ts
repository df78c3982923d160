import type {ProcessTypes} from '../../../schema/resources.js'
import {aliasesOf} from '../aliases.js'
import type {BuildEnv, BuildPlan, Buildpack, Source} from '../buildpack.js'
import {jvmGround} from '../jvm/ground.js'
import {javaProperty} from '../jvm/properties.js'
import {notFound} from '../jvm/rejection.js'
import {sbtStep} from './sbt-step.js'
import {resolveSbt, sbtToolchain} from './sbt-version.js'
import {webFile} from './staged.js'

const sbtFiles = /^([^/]+\.sbt|\.sbtrc|project\/build\.properties|project\/[^/]+\.scala|\.sbt\/[^/]+\.scala)$/

/** heroku/scala, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const scala: Buildpack = {
  name: 'heroku/scala',
  aliases: aliasesOf('heroku/scala', 'heroku-buildpack-scala'),
  async detect(source) {
    return source.paths.some(path => sbtFiles.test(path)) ? 'Scala' : undefined
  },
  async rejection(source) {
    return notFound(source, {
      language: 'Scala',
      files: 'sbt project files',
      needs: ["The Scala buildpack requires a 'build.sbt' or other .sbt file", 'in the root directory of your source code.'],
      others: ['For Maven projects, use the heroku/java buildpack', 'For Gradle projects, use the heroku/gradle buildpack'],
      article: 'scala-support',
    })
  },
  compile,
  async release(source, image) {
    const web = source.has('Procfile') ? undefined : await image.text(`/app/${webFile}`)
    const defaultProcessTypes: ProcessTypes = web === undefined ? {} : {web}
    return {defaultProcessTypes}
  },
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const sbt = await resolveSbt(source)
  const ground = await jvmGround(source, env)
  const {values, warnings} = await properties(source)
  const step = sbtStep({fromProperties: values, settings: settings(sbt.version), web: source.has('Procfile') ? 'declared' : 'default'})
  return {
    buildpack: 'heroku/scala',
    language: 'Scala',
    ...ground,
    toolchains: [...ground.toolchains, sbtToolchain(sbt)],
    path: [...ground.path, '/app/.heroku/sbt/bin'],
    closing: [],
    dependencies: undefined,
    build: [...ground.build, step],
    files: {...ground.files, '.profile.d/scala.sh': profile},
    warnings: [...ground.warnings, ...sbt.warnings, ...warnings],
  }
}

/** sbt is there in dynos too, as on Heroku; what it needs it downloads again. */
const profile = `export PATH="$HOME/.heroku/sbt/bin:$PATH"
export SBT_OPTS="\${SBT_OPTS:-} -Dsbt.color=false -Dsbt.log.noformat=true"
`

/** Settings that system.properties may still hold, each with Heroku's warning. */
async function properties(source: Source): Promise<{values: Record<string, string>; warnings: string[]}> {
  const values: Record<string, string> = {}
  const warnings: string[] = []
  for (const [key, name] of Object.entries({'sbt.project': 'SBT_PROJECT', 'sbt.pre-tasks': 'SBT_PRE_TASKS', 'sbt.clean': 'SBT_CLEAN'})) {
    const value = await javaProperty(source, 'system.properties', key)
    if (value === undefined) continue
    values[name] = value
    warnings.push(`Configuring the Scala buildpack via system.properties is deprecated: set the config var ${name} instead of ${key}.`)
  }
  return {values, warnings}
}

/**
 * Docs and source jars are made for nobody in a deploy, and cost most of `stage`. A file of settings, where Heroku has a plugin: that would
 * have to be compiled, and sbt's own compiler before it.
 */
function settings(version: string): string[] {
  const [major = 1, minor = 0] = version.split('.').map(Number)
  return major > 1 || (major === 1 && minor > 0)
    ? ['Compile / doc / sources := Nil', 'packageDoc / publishArtifact := false', 'packageSrc / publishArtifact := false']
    : ['sources in (Compile, doc) := Nil', 'publishArtifact in packageDoc := false', 'publishArtifact in packageSrc := false']
}
