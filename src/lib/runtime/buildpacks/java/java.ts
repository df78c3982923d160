import {aliasesOf} from '../aliases.js'
import type {BuildEnv, BuildPlan, Buildpack, Source} from '../buildpack.js'
import {jvmGround} from '../jvm/ground.js'
import {notFound} from '../jvm/rejection.js'
import {defaultWeb, noteJar} from './frameworks.js'
import {chooseMaven, mavenBin, mavenStep, mavenToolchain, settingsWarnings} from './maven.js'

const poms = ['xml', 'atom', 'clj', 'groovy', 'rb', 'scala', 'yaml', 'yml'].map(extension => `pom.${extension}`)

/** heroku/java, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const java: Buildpack = {
  name: 'heroku/java',
  aliases: aliasesOf('heroku/java', 'heroku-buildpack-java'),
  async detect(source) {
    return poms.some(pom => source.has(pom)) ? 'Java' : undefined
  },
  async rejection(source) {
    return notFound(source, {
      language: 'Java',
      files: 'Java project files',
      needs: [
        'The Java buildpack only supports Maven projects. It requires a pom.xml',
        'file or other supported POM format in the root directory of your source code.',
        '',
        `Supported POM formats: ${poms.join(', ')}`,
      ],
      others: [
        'For Gradle projects, use the heroku/gradle buildpack',
        'For sbt projects (including Play! Framework), use the heroku/scala buildpack',
      ],
      article: 'java-support',
    })
  },
  compile,
  async release(source, image) {
    return {defaultProcessTypes: await defaultWeb(source, image)}
  },
  consolation: [
    'Error: Maven build failed.',
    '',
    'An error occurred during the Maven build process. This usually',
    "indicates an issue with your application's dependencies, configuration,",
    'or source code.',
    '',
    'First, check the build output above for specific error messages',
    'from Maven that might indicate what went wrong. Common issues include:',
    '',
    '- Missing or incompatible dependencies in your POM',
    '- Compilation errors in your application source code',
    '- Test failures (if tests are enabled during the build)',
    '- Invalid Maven configuration or settings',
    '- Using an incompatible OpenJDK version for your project',
    '',
    "If you're unable to determine the cause from the Maven output,",
    'try building your application locally with the same Maven command',
    'to reproduce and debug the issue.',
  ],
}

async function compile(source: Source, env: BuildEnv): Promise<BuildPlan> {
  const ground = await jvmGround(source, env)
  const maven = await chooseMaven(source)
  const {version} = maven
  return {
    buildpack: 'heroku/java',
    language: 'Java',
    ...ground,
    toolchains: [...ground.toolchains, ...(version === undefined ? [] : [mavenToolchain(version)])],
    path: [...ground.path, ...(version === undefined ? [] : [mavenBin])],
    decisions: [...ground.decisions, ...(version === undefined ? [] : [{heading: `Installing Maven ${version}...`, lines: []}])],
    closing: [],
    dependencies: undefined,
    build: [...ground.build, mavenStep(maven, source, await noteJar(source))],
    warnings: [...ground.warnings, ...maven.warnings, ...settingsWarnings(source, env.configVars)],
  }
}
