import type {ManagerName} from './package-manager.js'
import {locales, pipenvHome, pythonLibraries} from './toolchain.js'

const own: Partial<Record<ManagerName, string[]>> = {
  pip: ['export PIP_DISABLE_PIP_VERSION_CHECK=1'],
  pipenv: [
    `export PATH="${pipenvHome}/bin:$PATH"`,
    'export PIPENV_SYSTEM=1',
    'export PIPENV_VERBOSITY=-1',
    'export VIRTUAL_ENV="$HOME/.heroku/python"',
  ],
}

/** What every dyno sources when it boots, by path: Heroku's variables, with the user's own values kept where Heroku keeps them. */
export function profileScripts(manager: ManagerName, corpora: boolean): Record<string, string> {
  const more = own[manager] ?? []
  const python = `export PATH="$HOME/.heroku/python/bin:$PATH"
${more.map(line => `${line}\n`).join('')}export PYTHONUNBUFFERED=true
export LIBRARY_PATH="$HOME/.heroku/python/lib\${LIBRARY_PATH:+:$LIBRARY_PATH}"
export LD_LIBRARY_PATH="$HOME/.heroku/python/lib:${pythonLibraries}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LANG="\${LANG:-en_US.UTF-8}"
export LOCPATH="\${LOCPATH:-${locales}}"
export PYTHONPATH="\${PYTHONPATH:-$HOME}"
${corpora ? 'export NLTK_DATA="$HOME/.heroku/python/nltk_data"\n' : ''}`
  return {
    '.profile.d/python.sh': python,
    '.profile.d/python.gunicorn.sh': gunicorn,
    '.profile.d/WEB_CONCURRENCY.sh': webConcurrency,
  }
}

const gunicorn = `export FORWARDED_ALLOW_IPS='*'
export GUNICORN_CMD_ARGS="\${GUNICORN_CMD_ARGS:---access-logfile -}"
`

/** Workers by memory (256 MB each) and cores (2 × n + 1), whichever is fewer. Reads the memory limit of cgroup v2 and v1. */
const webConcurrency = `python_says() {
  case "$DYNO" in web.*) echo "Python buildpack: $*" >&2 ;; esac
}

python_memory() {
  local file bytes
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [ -r "$file" ] || continue
    bytes=$(cat "$file")
    case "$bytes" in ''|*[!0-9]*) continue ;; esac
    [ $((bytes / 1048576)) -le 1048576 ] || continue
    echo $((bytes / 1048576))
    return
  done
}

python_concurrency() {
  local memory cores by_memory by_cores
  memory=$(python_memory)
  cores=$(nproc)
  if [ -z "$memory" ]; then
    python_says "Couldn't determine available memory. Skipping automatic configuration of WEB_CONCURRENCY."
    return
  fi
  python_says "Detected $memory MB available memory and $cores CPU cores."
  export DYNO_RAM="$memory"
  if [ -n "\${WEB_CONCURRENCY+set}" ]; then
    python_says "Skipping automatic configuration of WEB_CONCURRENCY since it's already set."
    return
  fi
  export WEB_CONCURRENCY_SET_BY=heroku/python
  by_memory=$((memory / 256))
  by_cores=$((cores * 2 + 1))
  [ "$by_memory" -ge 1 ] || by_memory=1
  if [ "$by_memory" -lt "$by_cores" ]; then
    export WEB_CONCURRENCY="$by_memory"
    python_says "Defaulting WEB_CONCURRENCY to $WEB_CONCURRENCY based on the available memory."
  else
    export WEB_CONCURRENCY="$by_cores"
    python_says "Defaulting WEB_CONCURRENCY to $WEB_CONCURRENCY based on the number of CPU cores."
  fi
}

python_concurrency
unset -f python_says python_memory python_concurrency
`
