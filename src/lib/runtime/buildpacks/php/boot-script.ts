/**
 * `heroku-php-apache2` and `heroku-php-nginx`, by the name it is called by: starts PHP-FPM and then the web server, and ends when one of
 * them does. On SIGTERM the web server stops first, having answered what it has begun, then FPM. All logs lead to stderr through a pipe.
 */
export const bootScript = `#!/bin/bash
set -eu -o pipefail
shopt -s extglob nullglob
here=/app/.heroku/php
name=\${0##*/}
case "$name" in *nginx) server=nginx label=nginx upper=Nginx ;; *) server=apache2 label=httpd upper=Apache2 ;; esac

usage() {
  cat >&2 <<HELP

\${1:-Boots PHP-FPM together with $upper.}

Usage:
  $name [options] [<DOCUMENT_ROOT>]

Options:
  -C <file>      Configuration to include inside the server's virtual host.
  -c <file>      Configuration to use in place of the whole virtual host.
  -F <file>      Configuration to include at the end of PHP-FPM's '[www]' pool.
  -f <file>      Configuration of PHP-FPM to use in place of the default.
  -h, --help     Display this help screen and exit.
  -i <php.ini>   The php.ini file to use.
  -l <log>       Additional log file to tail to STDERR; may be repeated.
  -p <PORT>      Port to listen on; default: the PORT environment variable.
  -t, --test     Test the configuration of PHP-FPM and $upper.
  -v, --verbose  Be more verbose during startup.

All file paths must be relative to '$PWD'. Any file name that ends in '.php'
will be run through the PHP interpreter first.
HELP
}

readable() {
  [[ -f "$PWD/$2" ]] || { echo "Cannot read -$1 '$2' (relative to '$PWD')" >&2; exit 1; }
  echo "$PWD/$2"
}

# A file that ends in .php is a template.
rendered() {
  if [[ "$1" != *.php ]]; then echo "$1"; return; fi
  local out=$HEROKU_PHP_RUN/\${1//\\//_}
  php "$1" > "\${out%.php}"
  echo "\${out%.php}"
}

export HEROKU_APP_DIR=$PWD DOCUMENT_ROOT=$PWD PORT=\${PORT:-$((RANDOM + 1024))}
verbose= testing= ini= logs=()
declare -A given=()
while getopts ':-:C:c:F:f:i:l:p:vth' option; do
  case $option in
    -) case $OPTARG in verbose) verbose=1 ;; test) testing=1 ;; help) usage; exit 0 ;; *) echo "Invalid option: --$OPTARG" >&2; exit 2 ;; esac ;;
    C|c|F|f) given[$option]=$(readable $option "$OPTARG") ;;
    i) ini=$(readable i "$OPTARG") ;;
    l)
      matches=($OPTARG)
      (( \${#matches[@]} )) || { echo "Pattern '$OPTARG' passed to option -l matched no files" >&2; exit 1; }
      for log in "\${matches[@]}"; do
        if [[ -d "$log" ]]; then echo "-l '$log': is a directory" >&2; exit 1; fi
        mkdir -p "$(dirname "$log")" && touch "$log"
        logs+=("$log")
      done ;;
    p) PORT=$OPTARG ;;
    v) verbose=1 ;;
    t) testing=1 ;;
    h) usage; exit 0 ;;
    :) echo "Option -$OPTARG requires an argument" >&2; exit 2 ;;
    *) echo "Invalid option: -$OPTARG" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if (( $# > 1 )); then
  usage "$name: too many arguments. If you're using options, make sure to list them before any document root argument you're providing."
  exit 2
fi
if (( $# == 1 )); then
  [[ -d "$PWD/$1" ]] || { echo "DOCUMENT_ROOT '$1' does not exist" >&2; exit 1; }
  DOCUMENT_ROOT=$PWD/$1
  DOCUMENT_ROOT=\${DOCUMENT_ROOT%%+(/)}
  echo "DOCUMENT_ROOT changed to '\${1%%+(/)}/'" >&2
fi

export HEROKU_PHP_RUN
HEROKU_PHP_RUN=$(mktemp -d /tmp/heroku.php.XXXXXX)
export HEROKU_PHP_LOG=$HEROKU_PHP_RUN/log HEROKU_PHP_SOCKET=/tmp/heroku.fcgi.$PORT.sock
mkfifo "$HEROKU_PHP_LOG"
COMPOSER_VENDOR_DIR=vendor COMPOSER_BIN_DIR=vendor/bin
if [[ -f "\${COMPOSER:-composer.json}" ]]; then read -r COMPOSER_VENDOR_DIR COMPOSER_BIN_DIR < <(php -n -r '
  $config = json_decode(@file_get_contents(getenv("COMPOSER") ?: "composer.json"), true)["config"] ?? [];
  $vendor = rtrim($config["vendor-dir"] ?? "vendor", "/");
  echo $vendor, " ", rtrim($config["bin-dir"] ?? "$vendor/bin", "/"), "\\n";'); fi
export COMPOSER_VENDOR_DIR COMPOSER_BIN_DIR

said() { echo "Using $1 '\${2#"$PWD"/}'" >&2; }
if [[ -n "\${given[F]:-}" ]]; then said 'PHP-FPM configuration include' "\${given[F]}"; fi
if [[ -n "\${given[f]:-}" ]]; then said 'PHP-FPM configuration file' "\${given[f]}"; fi
if [[ -n "$ini" ]]; then said 'PHP configuration (php.ini) file' "$ini"; fi
scope=VirtualHost; if [[ $server = nginx ]]; then scope=server; fi
if [[ -n "\${given[C]:-}" ]]; then said "$upper $scope-level configuration include" "\${given[C]}"; fi
if [[ -n "\${given[c]:-}" ]]; then said "$upper configuration file" "\${given[c]}"; fi

: > "$HEROKU_PHP_RUN/none.conf"
HEROKU_PHP_FPM_CONFIG_INCLUDE=$(rendered "\${given[F]:-$HEROKU_PHP_RUN/none.conf}")
export HEROKU_PHP_FPM_CONFIG_INCLUDE
fpm_conf=$(rendered "\${given[f]:-$here/conf/php-fpm.conf}")
if [[ -n "$ini" ]]; then ini=$(rendered "$ini"); fi
if [[ $server = nginx ]]; then
  HEROKU_PHP_NGINX_CONFIG_INCLUDE=$(rendered "\${given[C]:-$here/conf/nginx/include.conf.php}")
  export HEROKU_PHP_NGINX_CONFIG_INCLUDE
  host=$HEROKU_PHP_RUN/nginx-host.conf
  # Debian's folders for bodies are not the dyno's.
  temporary=
  for kind in client_body proxy fastcgi uwsgi scgi; do temporary+=" \${kind}_temp_path $HEROKU_PHP_RUN/$kind;"; done
  sed -E "0,/^[[:space:]]*http[[:space:]]*\\\\{/s##&$temporary#" "$(rendered "\${given[c]:-$here/conf/nginx/host.conf.php}")" > "$host"
  web=(nginx -p "$HEROKU_PHP_RUN" -e stderr -c "$here/conf/nginx/main.conf" -g "pid $HEROKU_PHP_RUN/nginx.pid; include $host;")
  web_stop=QUIT
else
  HEROKU_PHP_HTTPD_CONFIG_INCLUDE=$(rendered "\${given[C]:-$here/conf/apache2/include.conf}")
  export HEROKU_PHP_HTTPD_CONFIG_INCLUDE
  web=(httpd -D FOREGROUND -f "$here/conf/apache2/httpd.conf" -c "Include $(rendered "\${given[c]:-$here/conf/apache2/host.conf}")")
  web_stop=WINCH
fi
fpm=(php-fpm --nodaemonize --fpm-config "$fpm_conf" --pid "$HEROKU_PHP_RUN/fpm.pid" \${ini:+-c "$ini"})

memory=
for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
  if [[ -r $file ]]; then memory=$(cat $file); break; fi
done
if ! [[ "$memory" =~ ^[0-9]{1,13}$ ]]; then
  memory=$((512 << 20))
  echo 'Assuming RAM to be 512M Bytes' >&2
fi
if [[ -z "\${WEB_CONCURRENCY:-}" || -n "\${WEB_CONCURRENCY_SET_BY:-}" ]]; then
  if [[ -n "\${WEB_CONCURRENCY:-}" ]]; then echo "NOTICE: ignoring WEB_CONCURRENCY value set by $WEB_CONCURRENCY_SET_BY" >&2; fi
  export WEB_CONCURRENCY=1 WEB_CONCURRENCY_SET_BY=heroku/php
  settings=
  # Ours says nothing of memory, and each start of PHP takes a tenth of a second that somebody waits for.
  if [[ -n "\${given[F]:-}\${given[f]:-}" ]]; then
    dump=$HEROKU_PHP_RUN/fpm-dump.conf
    { cat "$fpm_conf"; printf '\\n[global]\\nlog_level = notice\\nerror_log = /dev/null\\n'; } > "$dump"
    settings=$(php-fpm --fpm-config "$dump" \${ini:+-c "$ini"} -tt 2>&1) || { echo "PHP-FPM config test failed:" >&2; echo "$settings" >&2; exit 1; }
  fi
  # The memory_limit that counts is PHP-FPM's: the command line has none.
  WEB_CONCURRENCY=$(PHP_INI_SCAN_DIR=$here/fpm/conf.d php -c "\${ini:-$here/fpm}" "$here/autotune.php" "$memory" "$(nproc)" "$DOCUMENT_ROOT" <<< "$settings")
else
  echo 'WEB_CONCURRENCY env var is set, skipping automatic calculation' >&2
fi
if ! [[ "$WEB_CONCURRENCY" =~ ^[1-9][0-9]*$ ]]; then
  export WEB_CONCURRENCY=1
  echo 'WARNING: Setting WEB_CONCURRENCY=1 (was outside allowed range)' >&2
fi

# Read and written by us, so that it has a reader whatever else happens. Ends last, by SIGHUP.
(trap '' TERM INT; exec cat <> "$HEROKU_PHP_LOG" >&2) & readers=($!)
if (( \${#logs[@]} )); then (trap '' TERM INT; exec tail -qF -n 0 "\${logs[@]}" >&2) & readers+=($!); fi
disown "\${readers[@]}"

if [[ -n "$testing" ]]; then
  status=0
  "\${fpm[@]}" -t >&2 || status=$?
  "\${web[@]}" -t >&2 || status=$?
  kill -HUP "\${readers[@]}"
  exit $status
fi

fpm_pid= web_pid=
stopped() {
  if [[ -n "$web_pid" ]]; then echo "Stopping $label gracefully..." >&2; kill -$web_stop "$web_pid" 2> /dev/null || true; wait "$web_pid" 2> /dev/null || true; fi
  if [[ -n "$fpm_pid" ]]; then echo 'Stopping php-fpm gracefully...' >&2; kill -QUIT "$fpm_pid" 2> /dev/null || true; wait "$fpm_pid" 2> /dev/null || true; fi
  sleep 0.1
  kill -HUP "\${readers[@]}" 2> /dev/null || true
  rm -rf "$HEROKU_PHP_RUN" "$HEROKU_PHP_SOCKET"
  echo 'Shutdown complete.' >&2
}
trap 'trap "" TERM INT; echo "SIGTERM received, attempting graceful shutdown..." >&2; stopped; exit 143' TERM
trap 'trap "" TERM INT; echo "SIGINT received, initiating graceful shutdown..." >&2; stopped; exit 130' INT

echo "Starting php-fpm with $WEB_CONCURRENCY workers..." >&2
LD_PRELOAD=$here/graceful.so "\${fpm[@]}" & fpm_pid=$!
for (( tries = 0; tries < 1500; tries++ )); do
  if [[ -S "$HEROKU_PHP_SOCKET" && -f "$HEROKU_PHP_RUN/fpm.pid" ]] || ! kill -0 "$fpm_pid" 2> /dev/null; then break; fi
  sleep 0.02
done
echo "Starting $label..." >&2
LD_PRELOAD=$here/graceful.so "\${web[@]}" & web_pid=$!
if [[ -n "$verbose" ]]; then echo "Application ready for connections on port $PORT." >&2; fi

wait -n "$fpm_pid" "$web_pid" || true
if kill -0 "$fpm_pid" 2> /dev/null; then ended=$label; else ended=php-fpm; fi
trap '' TERM INT
echo "Process exited unexpectedly: $ended, shutting down..." >&2
stopped
exit 70
`
