import type {BuildStep} from '../buildpack.js'
import {jvmAround} from '../jvm/ground.js'
import {said} from '../jvm/said.js'
import {dropArtifacts, noteWeb} from './staged.js'

const cache = '/tmp/build-cache/sbt'
/** Where sbt keeps what it downloads and compiles for itself. */
const folders: Record<string, string> = {
  'sbt.ivy.home': 'ivy',
  'sbt.coursier.home': 'coursier',
  'sbt.boot.directory': 'boot',
  'sbt.global.base': 'global',
}
/** sbt takes what it can get: bounded, and the user's SBT_OPTS, which come later, may say otherwise. */
const heap = '-Xmx1536m -Xss4m'
/** A silent connection ends after a minute. */
const patience = '-Dsun.net.client.defaultConnectTimeout=30000 -Dsun.net.client.defaultReadTimeout=60000'

export interface SbtChoices {
  /** SBT_PROJECT, SBT_PRE_TASKS and SBT_CLEAN where system.properties says them; they come before the config vars. */
  fromProperties: Record<string, string>
  /** sbt's settings for every project. */
  settings: string[]
  web: 'declared' | 'default'
}

export function sbtStep({fromProperties, settings, web}: SbtChoices): BuildStep {
  const properties = Object.entries(folders).map(([name, folder]) => `-D${name}=${cache}/${folder}`)
  return {
    name: 'sbt',
    heading: 'Running: sbt',
    introduction: [],
    run: [
      'unset JAVA_OPTS',
      ...jvmAround,
      ...Object.entries(fromProperties).map(([name, value]) => `${name}=${value}`),
      // The launcher is plain java, which knows no -J.
      `SBT_OPTS=" \${SBT_OPTS:-}"`,
      `export SBT_OPTS="${heap} ${patience} -Dsbt.color=false -Dsbt.log.noformat=true ${properties.join(' ')}$java_proxy\${SBT_OPTS// -J/ -}"`,
      `mkdir -p ${cache}/global; printf '%s\\n\\n' ${settings.map(line => `'${line}'`).join(' ')} > ${cache}/global/hokku.sbt`,
      ...tasks,
      ...restore,
      'echo "-----> Running: sbt $tasks"',
      `sbt $tasks 2>&1 | tee /tmp/sbt.log | sed -u 's/^/       /' || { ${failed}; exit 1; }`,
      ...keep,
      ...dropArtifacts,
      ...(web === 'default' ? noteWeb : []),
    ],
    env: {},
    caches: [{id: 'hokku-sbt', target: cache}],
    configVars: ['*'],
    output: 'verbatim',
  }
}

const tasks = [
  `tasks=\${SBT_TASKS:-compile stage}`,
  `if [ -n "\${SBT_PRE_TASKS:-}" ]; then tasks="$SBT_PRE_TASKS $tasks"; ${said([
    'Warning: SBT_PRE_TASKS is deprecated.',
    '',
    'Instead of using SBT_PRE_TASKS, add your tasks directly to SBT_TASKS:',
    '',
    '    heroku config:set SBT_TASKS="$tasks"',
  ])}; fi`,
  `if [ "\${SBT_CLEAN:-}" = true ]; then tasks="clean $tasks"; fi`,
  `if [ -n "\${SBT_PROJECT:-}" ]; then all=$tasks; tasks=''; for task in $all; do tasks+="\${tasks:+ }$SBT_PROJECT/$task"; done; fi`,
]

/** Compiled classes of the last build: zinc compiles what has changed. The build's own (`project/`) cost most. */
const compiled = 'target project/target project/project'
const restore = [
  `for folder in ${compiled}; do if [ -d ${cache}/app/$folder ] && [ ! -e $folder ]; then mkdir -p "$(dirname $folder)"; cp -a ${cache}/app/$folder $folder; fi; done`,
]
const keep = [
  `rm -rf ${cache}/app; for folder in ${compiled}; do if [ -d $folder ]; then mkdir -p "$(dirname ${cache}/app/$folder)"; cp -a $folder ${cache}/app/$folder; fi; done`,
]

const failed = [
  `if grep -qi 'Not a valid key: stage' /tmp/sbt.log; then ${said([
    "Error: sbt 'stage' task not found.",
    '',
    "Your build definition does not define a valid 'stage' task, which is required",
    'for deployment on Heroku. The recommended way to add it is to use the',
    'sbt-native-packager plugin, which provides it automatically.',
    '',
    'For more information, see:',
    '- https://www.scala-sbt.org/sbt-native-packager/',
    '- https://devcenter.heroku.com/articles/scala-support#build-behavior',
  ])}`,
  `elif grep -qiE '(Compilation failed|javac returned non-zero exit code)' /tmp/sbt.log; then ${said([
    'Error: sbt build failed.',
    '',
    'Your application failed to compile. Check the build output above',
    'for specific compilation errors from the compiler.',
  ])}`,
  `elif grep -qi 'is already defined as object' /tmp/sbt.log; then ${said([
    'Error: sbt build failed.',
    '',
    'This error typically indicates stale compilation artifacts in the cache that',
    'are conflicting with your current code. To run a clean build, set',
    '',
    '    SBT_CLEAN=true',
    '',
    "and deploy again with 'git push'.",
  ])}`,
  `else ${said([
    'Error: sbt build failed.',
    '',
    'An error occurred during the sbt build process. This usually',
    "indicates an issue with your application's dependencies, configuration,",
    'or source code.',
  ])}`,
  'fi',
].join('; ')
