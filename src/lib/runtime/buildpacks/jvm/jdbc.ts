/**
 * `.profile.d/jdbc.sh`, and sourced while an app is built: DATABASE_URL and its kin as JDBC and Spring want them. Heroku asks PostgreSQL
 * for TLS (`sslmode=require`); here it is used where the server has it, because heroku-postgresql's does not leave the machine.
 */
export const jdbcScript = `jdbc_from() {
  local name=$2 address scheme user='' password='' place query='' part
  address=\${1%%#*}
  scheme=\${address%%://*}
  case "$scheme" in
    postgres|postgresql) scheme=postgresql ;;
    mysql|mariadb) ;;
    *) return 0 ;;
  esac
  place=\${address#*://}
  case "$place" in *\\?*) query=\${place#*\\?}; place=\${place%%\\?*} ;; esac
  case "$place" in *@*) user=\${place%@*}; place=\${place##*@} ;; esac
  case "$user" in *:*) password=\${user#*:}; user=\${user%%:*} ;; esac
  if [ -z "$user" ] || [ -z "$password" ]; then return 0; fi
  query="\${query:+$query&}user=$user&password=$password"
  if [ "$scheme" = postgresql ]; then
    case "&$query" in *'&sslmode='*) ;; *) query="$query&sslmode=prefer" ;; esac
  fi
  part=$(printf '%s\\n' "$query" | tr '&' '\\n' | sort | tr '\\n' '&')
  export "\${name}_URL=jdbc:$scheme://$place?\${part%&}"
  export "\${name}_USERNAME=$user"
  export "\${name}_PASSWORD=$password"
}

if [ -n "\${DATABASE_URL:-}" ]; then
  jdbc_from "$DATABASE_URL" JDBC_DATABASE
  if [ -n "\${DATABASE_CONNECTION_POOL_URL:-}" ]; then
    jdbc_from "$DATABASE_CONNECTION_POOL_URL" JDBC_DATABASE
    jdbc_from "$DATABASE_CONNECTION_POOL_URL" DATABASE_CONNECTION_POOL_JDBC
  fi
else
  for jdbc_name in JAWSDB_URL JAWSDB_MARIA_URL CLEARDB_DATABASE_URL; do
    if [ -z "\${JDBC_DATABASE_URL:-}" ] && [ -n "\${!jdbc_name:-}" ]; then jdbc_from "\${!jdbc_name}" JDBC_DATABASE; fi
  done
fi

if [ "\${DISABLE_SPRING_DATASOURCE_URL:-}" != true ] && [ -n "\${JDBC_DATABASE_URL:-}" ] &&
  [ -z "\${SPRING_DATASOURCE_URL:-}\${SPRING_DATASOURCE_USERNAME:-}\${SPRING_DATASOURCE_PASSWORD:-}" ]; then
  export SPRING_DATASOURCE_URL="$JDBC_DATABASE_URL"
  export SPRING_DATASOURCE_USERNAME="\${JDBC_DATABASE_USERNAME:-}"
  export SPRING_DATASOURCE_PASSWORD="\${JDBC_DATABASE_PASSWORD:-}"
fi

for jdbc_name in $(compgen -e HEROKU_POSTGRESQL_ || true); do
  case "$jdbc_name" in
    *_JDBC_URL) ;;
    *_URL) jdbc_from "\${!jdbc_name}" "\${jdbc_name%_URL}_JDBC" ;;
  esac
done
unset -f jdbc_from
unset jdbc_name
`
