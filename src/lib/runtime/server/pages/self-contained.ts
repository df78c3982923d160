import type {Context} from 'hono'
import type {ApiEnv} from '../services.js'

/** Answers with a page that needs nothing from elsewhere and tells nobody its address, which is a secret. */
export function selfContained(c: Context<ApiEnv>, html: string): Response | Promise<Response> {
  c.header('Content-Security-Policy', "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'")
  c.header('Referrer-Policy', 'no-referrer')
  return c.html(html)
}

/** A text within HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
