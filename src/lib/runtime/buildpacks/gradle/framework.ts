/** Where the step leaves the default web process for `release`. */
export const webFile = '.heroku/gradle/web'

/** Shell lines that set `framework` from the resolved dependencies, in Heroku's order. */
export const detectFramework = [
  "framework=''",
  'dependencies=$(./gradlew heroku-list-all-dependencies --quiet 2>/dev/null || true)',
  'has() { grep -qs "$1" <<< "$dependencies"; }',
  'if has org.springframework.boot:; then framework=spring-boot; if has webapp-runner; then framework=spring-boot-webapp-runner; fi; elif has io.micronaut:; then framework=micronaut; elif has io.quarkus:; then framework=quarkus; elif has io.ratpack:; then framework=ratpack; fi',
]

/** A `stage` task comes before what the framework suggests. */
export const chooseTask = [
  [
    'if ./gradlew tasks --all 2>/dev/null | grep -E "^stage($| )" > /dev/null; then GRADLE_TASK=stage',
    'else case "$framework" in spring-boot*|quarkus) GRADLE_TASK="build -x check" ;; micronaut) GRADLE_TASK="shadowJar -x check" ;; ratpack) GRADLE_TASK="installDist -x check" ;; *) GRADLE_TASK=stage ;; esac',
    'fi',
  ].join('; '),
]

const jar = '$(find ./build/libs -type f -name "*.jar" 2>/dev/null | grep -Ev "(plain|sources|javadoc).jar$" | sed -n 1p || true)'
const runner = '$(cd build && find . -type f -name "webapp-runner-*.jar" | sed -n 1p || true)'
const script = '$(find . -path "*/build/install/*/bin/*" -executable -type f ! -name "*.bat" | sed -n 1p || true)'

/** Heroku's commands, with what the build made in them. */
export const noteWeb = [
  "web=''",
  [
    'case "$framework" in',
    `spring-boot-webapp-runner) found=${runner}; if [ -n "$found" ]; then web="cd build ; java \\$JAVA_OPTS -jar $found --expand-war --port \\$PORT libs/*.war"; fi ;;`,
    `spring-boot) found=${jar}; if [ -n "$found" ]; then web="java -Dserver.port=\\$PORT \\$JAVA_OPTS -jar $found"; fi ;;`,
    `micronaut) found=${jar}; if [ -n "$found" ]; then web="java -Dmicronaut.server.port=\\$PORT \\$JAVA_OPTS -jar $found"; fi ;;`,
    'quarkus) if [ -f build/quarkus-app/quarkus-run.jar ]; then web="java -Dquarkus.http.port=\\$PORT \\$JAVA_OPTS -jar build/quarkus-app/quarkus-run.jar"; fi ;;',
    `ratpack) web=${script} ;;`,
    'esac',
  ].join(' '),
  `if [ -n "$web" ]; then mkdir -p .heroku/gradle; printf %s "$web" > ${webFile}; fi`,
]
