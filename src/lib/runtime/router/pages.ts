import {safeUrl} from './haproxy-state.js'

/** Every page of the router: what it is called and what it tells the visitor. */
const texts = {
  'no-such-app': {
    title: 'No such app',
    text: 'There is no app at this address. Check the host name, or add it to an app as a domain.',
  },
  'application-error': {
    title: 'Application error',
    text: 'An error occurred in the application and your page could not be served. If you own it, its log tells more.',
    command: 'hokku logs --tail',
  },
  misdirected: {
    title: 'Misdirected request',
    text: 'This connection was opened for another application. Open the address again.',
  },
  'boot-timeout': {
    title: 'Application error',
    text: 'The application did not start in time. If you own it, its log tells more.',
    command: 'hokku logs --tail',
  },
  blank: {
    title: 'Welcome to your new app',
    text: 'Nothing has been deployed to it yet.',
    command: 'git push hokku main',
  },
  'no-web': {
    title: 'Application error',
    text: 'No web process of this application is running.',
    command: 'hokku ps:scale web=1',
  },
  maintenance: {
    title: 'Offline for maintenance',
    text: 'This application is undergoing maintenance right now. Please check back later.',
  },
} as const

export type PageName = keyof typeof texts

const style = `
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f7f6fa;color:#2d2a3a;font:16px/1.5 system-ui,sans-serif}
main{max-width:32rem;padding:2rem;margin:1rem;background:#fff;border:1px solid #e3e0ec;border-top:4px solid #6f5bb5;border-radius:6px}
h1{margin:0 0 .5rem;font-size:1.4rem}p{margin:.5rem 0}
code{padding:.15rem .4rem;background:#f0eef6;border-radius:4px;font:.9em ui-monospace,monospace}
iframe{position:fixed;inset:0;width:100%;height:100%;border:0}
@media(prefers-color-scheme:dark){body{background:#191722;color:#e6e3f0}main{background:#221f2e;border-color:#353047;border-top-color:#9c86e6}code{background:#302b42}}
`

/** A page of ours, complete in itself. With a URL (ERROR_PAGE_URL, MAINTENANCE_PAGE_URL) that page covers it in a frame, as on Heroku. */
export function routerPage(name: PageName, url?: string): string {
  return page(name, url === undefined ? '' : `<iframe title=error src=${safeUrl(url)}></iframe>`)
}

/** The page HAProxy itself answers with: `%` doubled for its log-format, the app's ERROR_PAGE_URL looked up in a map. */
export function haproxyErrorPage(): string {
  const marker = '@frame@'
  return page('application-error', marker).replaceAll('%', '%%').replace(marker, '%[var(txn.route),field(3,:),map_str(/hokku/pages.map)]')
}

function page(name: PageName, frame: string): string {
  const {title, text} = texts[name]
  const command = 'command' in texts[name] ? `<p><code>${(texts[name] as {command: string}).command}</code></p>` : ''
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>${style}</style></head>
<body><main><h1>${title}</h1><p>${text}</p>${command}</main>${frame}</body></html>
`
}
