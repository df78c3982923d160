/** `.profile.d/nodejs.sh`, sourced when a dyno boots: Heroku's variables, the user's own values kept. Reads the memory limit of cgroup v2 and v1. */
export const nodejsProfile = `export PATH="$HOME/.heroku/node/bin:$PATH:$HOME/bin:$HOME/node_modules/.bin"
export NODE_HOME="$HOME/.heroku/node"
export NODE_ENV=\${NODE_ENV:-production}

memory_limit() {
  local file bytes
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [ -r "$file" ] || continue
    bytes=$(cat "$file")
    case "$bytes" in ''|*[!0-9]*) continue ;; esac
    echo $((bytes / 1048576))
    return
  done
  echo 512
}

web_concurrency() {
  local processes=$((MEMORY_AVAILABLE / WEB_MEMORY))
  if [ "$processes" -lt 1 ] || [ "$processes" -gt 200 ]; then processes=1; fi
  echo "$processes"
}

export MEMORY_AVAILABLE=\${MEMORY_AVAILABLE:-$(memory_limit)}
if [ -z "$WEB_MEMORY" ]; then
  if [ "$MEMORY_AVAILABLE" -gt 16384 ]; then WEB_MEMORY=2048; else WEB_MEMORY=512; fi
fi
export WEB_MEMORY
if [ -z "$WEB_CONCURRENCY" ]; then
  export WEB_CONCURRENCY_SET_BY=heroku/nodejs
  WEB_CONCURRENCY=$(web_concurrency)
fi
export WEB_CONCURRENCY
unset -f memory_limit web_concurrency
`
