import type {BuildStep} from '../buildpack.js'
import {beforeTool} from '../jvm/ground.js'
import {said} from '../jvm/said.js'
import {chooseTask, detectFramework, noteWeb} from './framework.js'

const home = '/tmp/build-cache/gradle'

/** One step, since the daemon lives as long as its container. `task`: whether GRADLE_TASK says it; `web`: whether the app has a Procfile. */
export function gradleStep(task: 'set' | 'chosen', web: 'declared' | 'default'): BuildStep {
  const needed = task === 'chosen' || web === 'default'
  return {
    name: 'gradle',
    heading: 'Executing Gradle',
    introduction: [],
    run: [
      ...beforeTool,
      'chmod +x gradlew',
      ...userHome,
      'echo "-----> Starting Gradle daemon"',
      `./gradlew heroku-start-gradle-daemon > /tmp/gradle.log 2>&1 || { sed 's/^/       /' /tmp/gradle.log; ${said(daemonFailed)}; exit 1; }`,
      ...oldVersions,
      ...(needed ? detectFramework : []),
      ...(task === 'chosen' ? chooseTask : []),
      'echo "-----> Executing Gradle"',
      'echo "       $ ./gradlew $GRADLE_TASK"',
      `./gradlew $GRADLE_TASK 2>&1 | tee /tmp/gradle.log | sed -u 's/^/       /' || { ${failed}; exit 1; }`,
      ...(web === 'default' ? noteWeb : []),
      'echo "-----> Stopping Gradle daemon"',
      './gradlew -q --stop',
    ],
    env: {GRADLE_USER_HOME: home},
    caches: [{id: 'hokku-gradle', target: home}],
    configVars: ['*'],
    output: 'verbatim',
  }
}

/** Settings and tasks of Heroku's, for every project of the build; proxies where Gradle and its wrapper read them. */
const userHome = [
  `export GRADLE_USER_HOME=${home}`,
  'rm -rf $GRADLE_USER_HOME/daemon $GRADLE_USER_HOME/gradle.properties',
  `printf '%s\\n' org.gradle.welcome=never org.gradle.caching=true org.gradle.projectcachedir=$GRADLE_USER_HOME/project org.gradle.vfs.watch=false > $GRADLE_USER_HOME/gradle.properties`,
  `for property in $java_proxy; do printf 'systemProp.%s\\n' "\${property#-D}"; done > /dev/shm/gradle-proxies`,
  'if [ -s /dev/shm/gradle-proxies ]; then cp $GRADLE_USER_HOME/gradle.properties /dev/shm/gradle.properties; cat /dev/shm/gradle-proxies >> /dev/shm/gradle.properties; ln -sf /dev/shm/gradle.properties $GRADLE_USER_HOME/gradle.properties; fi',
  `printf '%s\\n' "allprojects {" "  task('heroku-start-gradle-daemon')" "  afterEvaluate {" "    if (configurations.findByName('compileClasspath') != null) task('heroku-list-all-dependencies', type: DependencyReportTask)" "  }" "}" > $GRADLE_USER_HOME/init.gradle`,
]

const daemonFailed = [
  'Error: Failed to start Gradle daemon.',
  '',
  'An error occurred while starting the Gradle daemon. This usually',
  'indicates an issue with the Gradle wrapper, build configuration,',
  'or system resources.',
  '',
  'Check the output above for specific error messages from Gradle.',
  'Common causes include:',
  '',
  '- Corrupted or missing Gradle wrapper files',
  '- Invalid Gradle configuration in build.gradle(.kts) or settings.gradle(.kts)',
  '- Network connectivity issues downloading Gradle dependencies',
  '- Incompatible Gradle version with the current Java runtime',
]

const endOfLife = [
  'Warning: Unsupported Gradle version detected.',
  '',
  'You are using Gradle $gradle_version, which is end-of-life and no longer',
  'receives security updates or bug fixes.',
  '',
  'Please upgrade to Gradle 9 (current) for active support, or at minimum',
  'Gradle 8 for security fixes only.',
]

const oldVersions = [
  "gradle_version=$(./gradlew --version 2>/dev/null | sed -n 's/^Gradle //p' || true)",
  `case "$gradle_version" in [1-7].*) ${said(endOfLife)} ;; 8.*) ${said([
    'Warning: Gradle version approaching end-of-life.',
    '',
    'You are using Gradle $gradle_version, which is in maintenance mode and only',
    'receives security fixes. It will become end-of-life when Gradle 10 is released.',
  ])} ;; esac`,
]

const failed = [
  `missing=$(sed -n "s/.*Task '\\([^']*\\)' not found in root project.*/\\1/p" /tmp/gradle.log | sed -n 1p)`,
  `if [ -n "$missing" ]; then ${said([
    "Error: Gradle task '$missing' not found.",
    '',
    "The specified Gradle task '$missing' does not exist in your project.",
    '',
    'To see all available tasks in your project, run locally:',
    '\\$ ./gradlew tasks --all',
    '',
    "If you're setting GRADLE_TASK as an environment variable, make sure",
    'it contains a valid task name for your project.',
  ])}; else ${said([
    'Error: Gradle build failed.',
    '',
    'An error occurred during the Gradle build process. This usually',
    "indicates an issue with your application's dependencies, configuration,",
    'or source code.',
  ])}; fi`,
].join('; ')
