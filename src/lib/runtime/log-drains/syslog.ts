import type {LogLine} from '../logplex/logplex.js'
import {isoSeconds} from '../support/clock.js'

/** One message, framed, and the place of its line in the app's stream. */
export interface DrainMessage {
  id: number
  frame: Buffer
}

/** local7.info for what apps say, local0.info for the platform. */
const priority = {app: 190, platform: 134}

/** `2026-11-22T11:11:31.967000+00:00 app[web.1]: message` */
const parts = /^(\S+) (\w+)\[([^\]]*)\]: (.*)$/s

/**
 * A line of the log as logplex sends it: RFC 5424 without STRUCTURED-DATA, with its newline, octet-counted (RFC 6587). `host` is `host`
 * for HTTP drains and the drain's token for syslog ones. Undefined for what is no line of ours.
 */
export function drainMessage({id, text}: LogLine, host: string): DrainMessage | undefined {
  const match = parts.exec(text)
  if (match === null) return undefined
  const [, at, source, ps, message] = match as unknown as [string, string, string, string, string]
  return {id, frame: frame(`<${source === 'app' ? priority.app : priority.platform}>1 ${at} ${host} ${source} ${ps} - ${message}\n`)}
}

/** Tells the receiver itself how many messages it did not get. */
export function overflowMessage(dropped: {count: number; since: Date}, host: string, now: Date): Buffer {
  const [at, since] = [now, dropped.since].map(time => isoSeconds(time).replace('Z', '+00:00'))
  const message = `Error L10 (output buffer overflow): ${dropped.count} messages dropped since ${since}.`
  return frame(`<${priority.platform}>1 ${at} ${host} heroku logplex - ${message}\n`)
}

function frame(message: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(message)} ${message}`)
}
