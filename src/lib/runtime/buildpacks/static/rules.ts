import {literal, mark, regex, toRegex} from './quoting.js'
import type {StaticJson} from './static-json.js'

/** A part of nginx's configuration: what stands beside `server`, and what stands in it. */
export interface Rules {
  http: string[]
  server: string[]
}

/**
 * Heroku's buildpack asks mruby, which Debian's nginx lacks, for each request that no file answers. Here maps know: the proxy with
 * the longest fitting prefix, else the redirect of just that path, else 404.
 */
export function fallbackRules({proxies, redirects}: StaticJson): Rules {
  const prefixes = Object.entries(proxies).map(([path, {origin}], index) => ({path, origin, index}))
  const paths = Object.entries(redirects).map(([path, redirect], index) => ({path, ...redirect, index}))
  const longestFirst = prefixes.toSorted((a, b) => b.path.length - a.path.length)
  return {
    http: [
      'map $uri $fallback {',
      ...longestFirst.map(({path, index}) => `  ${regex(`~^${toRegex(path)}`)} @proxy_${index};`),
      ...paths.map(({path, index}) => `  ${regex(`~^${toRegex(path)}$`)} @redirect_${index};`),
      '  default @404;',
      '}',
    ],
    server: [
      'location @404 {',
      '  return 404;',
      '}',
      ...prefixes.flatMap(({path, origin, index}) => proxy(path, origin, index)),
      ...paths.flatMap(({url, status, index}) => [
        `location @redirect_${index} {`,
        `  return ${Number(status) || 301} ${mark('url', url)};`,
        '}',
      ]),
    ],
  }
}

function proxy(path: string, origin: string, index: number): string[] {
  return [
    `location @proxy_${index} {`,
    `  set $proxy_${index} ${mark('origin_host', origin)};`,
    `  rewrite ${regex(`^${toRegex(path)}/?(.*)$`)} ${mark('origin_path', origin)} break;`,
    `  proxy_pass $proxy_${index};`,
    '  proxy_ssl_server_name on;',
    ...['http', 'https'].map(scheme => `  proxy_redirect ${mark(`origin_${scheme}`, origin)} ${literal(path.replace(/\/?$/, '/'))};`),
    '}',
  ]
}

/** Paths that one file answers, unless a file of their own, a proxy or a redirect does. */
export function routeRules({routes, clean_urls}: StaticJson): Rules {
  const entries = Object.entries(routes)
  const found = clean_urls ? '$uri.html $uri $uri/' : '$uri'
  return {
    http: entries.flatMap(([, target], index) => [
      `map $fallback $route_${index} {`,
      `  @404 ${literal(`/${target.replace(/^\/+/, '')}`)};`,
      '  default $uri;',
      '}',
    ]),
    server: entries.flatMap(([route], index) => [
      `location ~ ${regex(`^${toRegex(route)}$`)} {`,
      `  try_files ${found} $route_${index} $fallback;`,
      '}',
    ]),
  }
}

/** Of several rules that fit a path the last one counts, alone. The path is the request's: what it was rewritten to has no say. */
export function headerRules({headers}: StaticJson): Rules {
  const rules = Object.entries(headers).map(([path, fields], index) => ({path, fields, index}))
  if (rules.length === 0) return {http: [], server: []}
  const names = [...new Map(rules.flatMap(({fields}) => Object.keys(fields)).map(name => [name.toLowerCase(), name])).values()]
  const valueIn = (fields: Record<string, string>, name: string): string | undefined =>
    Object.entries(fields).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  return {
    http: [
      'map $uri $header_rule {',
      ...rules.toReversed().map(({path, index}) => `  ${regex(`~^${toRegex(path)}$`)} ${index};`),
      '  default "";',
      '}',
      ...names.flatMap((name, number) => [
        `map $header_rule $header_${number} {`,
        ...rules.flatMap(({fields, index}) => {
          const value = valueIn(fields, name)
          return value === undefined ? [] : [`  ${index} ${literal(value)};`]
        }),
        `  default ${isType(name) ? '$sent_http_content_type' : '""'};`,
        '}',
      ]),
    ],
    // Asked for once before anything rewrites the path: nginx keeps a map's answer.
    server: [
      'set $request_rule $header_rule;',
      ...names.map((name, number) =>
        isType(name) ? `more_set_headers "Content-Type: $header_${number}";` : `add_header ${literal(name)} $header_${number} always;`,
      ),
    ],
  }
}

/** nginx sets it itself, and adds no second one. */
export function isType(name: string): boolean {
  return name.toLowerCase() === 'content-type'
}
