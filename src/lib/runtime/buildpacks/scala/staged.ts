/** Where the step leaves the default web process for `release`. */
export const webFile = '.heroku/scala/web'

const executables = `find . '(' -path '*/target/universal/stage/bin/*' -o -path '*/target/out/*/universal/stage/bin/*' ')' -type f -executable`

/** sbt-native-packager's script where there is exactly one, else what old Play made; Heroku's commands. */
export const noteWeb = [
  `mapfile -t staged < <(${executables})`,
  "web=''",
  `if [ \${#staged[@]} -eq 1 ]; then web="\${staged[0]#./} -Dhttp.port=\\$PORT"; elif [ -f target/start ]; then web="target/start -Dhttp.port=\\$PORT \\$JAVA_OPTS"; fi`,
  `if [ -n "$web" ]; then mkdir -p .heroku/scala; printf %s "$web" > ${webFile}; fi`,
]

/** With sbt-native-packager everything that runs is in target/universal: compiled classes go, as on Heroku, unless KEEP_SBT_CACHE says no. */
export const dropArtifacts = [
  [
    `if [ -n "$(${executables} | sed -n 1p)" ] && [ "\${KEEP_SBT_CACHE:-}" != true ]; then echo "-----> Dropping compilation artifacts from the slug"`,
    'rm -rf target/scala-* target/streams',
    `if [ -d target/resolution-cache ]; then find target/resolution-cache -mindepth 1 ! -name reports ! -name '*-compile.xml' -exec rm -rf {} + 2> /dev/null || true; fi`,
    'fi',
  ].join('; '),
]
