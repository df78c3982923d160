import {jdbcScript} from './jdbc.js'

/**
 * `.profile.d/jvmcommon.sh`, sourced when a dyno boots: JAVA_HOME, and JAVA_OPTS and JAVA_TOOL_OPTIONS by the dyno's size, the user's own
 * after them. Reads the memory limit of cgroup v2 and v1. One-off dynos get no JAVA_TOOL_OPTIONS: a tool's output must be its own.
 */
export function jvmProfile(home: string): Record<string, string> {
  return {
    '.profile.d/jdbc.sh': jdbcScript,
    '.profile.d/jvm-spring-configuration.sh': springScript,
    '.profile.d/jvmcommon.sh': common(home.replace(/^\/app/, '$HOME')),
  }
}

const common = (home: string): string => `export JAVA_HOME="${home}"
export PATH="$JAVA_HOME/bin:$HOME/.heroku/bin:$PATH"
for folder in "$JAVA_HOME/lib/server" "$JAVA_HOME"/jre/lib/*/server; do
  if [ -d "$folder" ]; then export LD_LIBRARY_PATH="$folder\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
done

jvm_options() {
  local file bytes limit=''
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [ -r "$file" ] || continue
    bytes=$(cat "$file")
    case "$bytes" in ''|*[!0-9]*) continue ;; esac
    if [ "$bytes" -le 1099511627776 ]; then limit=$bytes; fi
    break
  done
  printf %s "-Dfile.encoding=UTF-8\${limit:+ -XX:MaxRAM=$limit}"
  case "$limit" in
    536870912) printf %s ' -Xmx300m -Xss512k -XX:CICompilerCount=2' ;;
    1073741824) printf %s ' -Xmx671m -XX:CICompilerCount=2' ;;
    *) printf %s ' -XX:MaxRAMPercentage=80.0' ;;
  esac
}

jvm_defaults=$(jvm_options)
export JAVA_OPTS="$jvm_defaults\${JAVA_OPTS:+ $JAVA_OPTS}"
case "\${DYNO:-}" in
  run.*) ;;
  *)
    case "\${DYNO:-}" in
      web.*) echo 'Setting JAVA_TOOL_OPTIONS defaults based on dyno size. Custom settings will override them.' >&2 ;;
    esac
    export JAVA_TOOL_OPTIONS="$jvm_defaults\${JAVA_TOOL_OPTIONS:+ $JAVA_TOOL_OPTIONS}"
    ;;
esac
if [ ! -f "$HOME/Procfile" ] && [ "\${DYNO:-}" = web.1 ]; then
  echo 'Create a Procfile to customize the command used to run this process: https://devcenter.heroku.com/articles/procfile'
fi
unset -f jvm_options
unset folder jvm_defaults
`

/** Add-ons' config vars under the names that Spring knows; the user's own stay. */
const springScript = `spring_from() {
  if [ "\${!3:-}" != true ] && [ -n "\${!1:-}" ] && [ -z "\${!2:-}" ]; then export "$2=\${!1}"; fi
}
spring_from REDIS_URL SPRING_REDIS_URL DISABLE_SPRING_REDIS_URL
spring_from REDIS_URL SPRING_DATA_REDIS_URL DISABLE_SPRING_REDIS_URL
spring_from INFERENCE_KEY SPRING_AI_OPENAI_APIKEY DISABLE_SPRING_AI_CONFIG
spring_from INFERENCE_URL SPRING_AI_OPENAI_BASEURL DISABLE_SPRING_AI_CONFIG
spring_from INFERENCE_MODEL_ID SPRING_AI_OPENAI_CHAT_OPTIONS_MODEL DISABLE_SPRING_AI_CONFIG
unset -f spring_from
`
