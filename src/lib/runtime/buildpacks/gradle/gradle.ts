import type {ProcessTypes} from '../../../schema/resources.js'
import {aliasesOf} from '../aliases.js'
import {type BuildEnv, type BuildPlan, type Buildpack, RejectedSource, type Source} from '../buildpack.js'
import {jvmGround} from '../jvm/ground.js'
import {notFound} from '../jvm/rejection.js'
import {webFile} from './framework.js'
import {gradleStep} from './gradle-step.js'

const gradleFiles = ['gradlew', 'build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts']

/** heroku/gradle, as bin/detect, bin/compile and bin/release of that buildpack behave. */
export const gradle: Buildpack = {
  name: 'heroku/gradle',
  aliases: aliasesOf('heroku/gradle', 'heroku-buildpack-gradle'),
  async detect(source) {
    return gradleFiles.some(file => source.has(file)) ? 'Gradle' : undefined
  },
  async rejection(source) {
    return notFound(source, {
      language: 'Gradle',
      files: 'Gradle project files',
      needs: [
        'The Gradle buildpack requires at least one of the following files',
        'in the root directory of your source code:',
        '',
        `Supported Gradle files: ${gradleFiles.join(', ')}`,
      ],
      others: ['For Maven projects, use the heroku/java buildpack', 'For sbt projects, use the heroku/scala buildpack'],
      article: 'deploying-gradle-apps-on-heroku',
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
  if (!source.has('gradlew')) throw new RejectedSource(noWrapper)
  const ground = await jvmGround(source, env)
  const step = gradleStep(env.configVars['GRADLE_TASK'] ? 'set' : 'chosen', source.has('Procfile') ? 'declared' : 'default')
  return {
    buildpack: 'heroku/gradle',
    language: 'Gradle',
    ...ground,
    closing: [],
    dependencies: undefined,
    build: [...ground.build, step],
  }
}

const noWrapper = [
  'Error: Gradle Wrapper is missing.',
  '',
  'The Gradle Wrapper (gradlew) is required to build your application on Heroku.',
  'This ensures that your application builds with the same version of Gradle',
  'that you use during development. Projects are required to include',
  'their own Wrapper for reliable, reproducible builds.',
  '',
  'To fix this issue, run this command in your project directory',
  'locally and commit the generated files:',
  '$ gradle wrapper',
  '',
  'For more information about Gradle Wrapper, see:',
  'https://docs.gradle.org/current/userguide/gradle_wrapper.html',
  'https://devcenter.heroku.com/articles/deploying-gradle-apps-on-heroku',
]
