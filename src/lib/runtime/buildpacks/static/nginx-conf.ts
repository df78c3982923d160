import {literal, literals, mark, regex} from './quoting.js'
import {fallbackRules, headerRules, isType, routeRules} from './rules.js'
import type {StaticJson} from './static-json.js'

/** nginx's configuration for a static.json, as heroku-community/static would make it; bin/boot fills in the marks. */
export function nginxConf(site: StaticJson): string {
  const [fallback, routes, headers] = [fallbackRules(site), routeRules(site), headerRules(site)]
  const typed = Object.values(site.headers).some(fields => Object.keys(fields).some(isType))
  const lines = [
    ...(typed ? ['load_module /usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so;'] : []),
    ...main(site),
    'http {',
    ...indented([...http(site), ...fallback.http, ...routes.http, ...headers.http, 'server {', ...indented(server(site)), '}']),
    '}',
  ]
  return `${lines.join('\n')}\n`

  function server(one: StaticJson): string[] {
    return [...headers.server, ...common(one), ...redirected(one), ...hidden(one), ...files(one), ...routes.server, ...fallback.server]
  }
}

/** All that nginx writes goes to /tmp/nginx, as the dyno's user; logs go to the dyno's output. */
function main({worker_connections}: StaticJson): string[] {
  return [
    'daemon off;',
    `worker_processes ${mark('workers')};`,
    'worker_shutdown_timeout 25s;',
    'pid /tmp/nginx/nginx.pid;',
    'events {',
    '  use epoll;',
    '  accept_mutex on;',
    `  worker_connections ${Number(worker_connections) || 2048};`,
    '}',
  ]
}

function http({logging}: StaticJson): string[] {
  const access = logging?.access === undefined || (logging.access !== false && logging.access !== null)
  return [
    'gzip on;',
    'gzip_comp_level 6;',
    'gzip_min_length 512;',
    'gzip_types text/plain text/css application/json application/javascript application/x-javascript text/javascript text/xml application/xml application/xml+rss image/svg+xml application/wasm;',
    'gzip_vary on;',
    'gzip_proxied any;',
    'server_tokens off;',
    access ? 'access_log /dev/stdout;' : 'access_log off;',
    mark('error_log', logging?.error ?? 'error'),
    'include /etc/nginx/mime.types;',
    'default_type application/octet-stream;',
    'sendfile on;',
    'client_body_timeout 5;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path /tmp/nginx/${name};`),
    ...literals,
  ]
}

function common({encoding, error_page, proxies, basic_auth, basic_auth_htpasswd_path, root}: StaticJson): string[] {
  return [
    `listen ${mark('port')};`,
    `charset ${literal(encoding ?? 'UTF-8')};`,
    // Heroku's buildpack writes `http://host/` here, which loses the port and TLS of the router.
    'absolute_redirect off;',
    'keepalive_timeout 5;',
    `root ${literal(rootFolder(root))};`,
    ...(error_page ? [`error_page 404 500 ${literal(`/${error_page.replace(/^\/+/, '')}`)};`] : []),
    ...(Object.keys(proxies).length > 0 ? [`resolver ${mark('resolver')};`] : []),
    mark(basic_auth ? 'basic_auth' : 'basic_auth_if_configured', basic_auth_htpasswd_path ?? '/app/.htpasswd'),
  ]
}

/** Where the files are: `/app/dist`. */
function rootFolder(root: string | null | undefined): string {
  const parts = (root || 'public_html/').split('/').filter(part => part !== '' && part !== '.')
  return ['/app', ...parts].join('/')
}

function redirected({https_only, canonical_host}: StaticJson): string[] {
  const host = canonical_host || undefined
  return [
    ...(https_only ? ['if ($http_x_forwarded_proto != "https") {', '  return 301 https://$host$request_uri;', '}'] : []),
    ...(host === undefined
      ? []
      : [
          `set $canonical_host ${mark('url', host)};`,
          'if ($host != $canonical_host) {',
          '  return 301 $http_x_forwarded_proto://$canonical_host$request_uri;',
          '}',
        ]),
  ]
}

/** Where the app's own folder is the site, what runs it is not part of it. */
function hidden({root}: StaticJson): string[] {
  if (rootFolder(root) !== '/app') return []
  const names = ['Procfile', 'app\\.json', 'static\\.json', 'bin/boot']
  return [regex('/\\.(?!well-known(/|$))'), regex(`^/(${names.join('|')})$`)].flatMap(path => [
    `location ~ ${path} {`,
    '  return 404;',
    '}',
  ])
}

function files({clean_urls}: StaticJson): string[] {
  return [
    'location / {',
    `  try_files ${clean_urls ? '$uri.html $uri $uri/' : '$uri $uri/'} $fallback;`,
    '}',
    ...(clean_urls ? ['location ~ "\\.html$" {', '  try_files $uri =404;', '}'] : []),
  ]
}

function indented(lines: string[]): string[] {
  return lines.map(line => `  ${line}`)
}
