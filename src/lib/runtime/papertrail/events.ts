import type {LogLine} from '../logplex/logplex.js'

/** A line as Papertrail's API and its webhooks have it. */
export interface PapertrailEvent {
  /** Grows along the app's log. */
  id: string
  received_at: string
  display_received_at: string
  generated_at: string
  source_id: string
  source_name: string
  source_ip: string
  hostname: string
  facility: string
  severity: string
  /** `app/web.1`, `heroku/router` */
  program: string
  message: string
}

const form = /^(\S+) (\w+)\[([^\]]*)\]: (.*)$/s

export function eventOf({id, text}: LogLine, app: {id: string; name: string}): PapertrailEvent {
  const [, at = '', source = '', ps = '', message = text] = form.exec(text) ?? []
  return {
    id: String(id),
    received_at: at,
    display_received_at: at,
    generated_at: at,
    source_id: app.id,
    source_name: app.name,
    source_ip: '127.0.0.1',
    hostname: app.name,
    facility: source === 'app' ? 'User' : 'Local3',
    severity: 'Info',
    program: `${source}/${ps}`,
    message,
  }
}
