import {PlatformError} from '../../../schema/errors.js'
import type {LogEntry} from '../../support/log-sink.js'
import type {Seal} from '../../support/seal.js'

/** What a partner shows to write into the log of its add-on's app: always the same for an add-on, and nobody else can make it. */
export function inputToken(seal: Seal, addonId: string): string {
  const hex = seal.digest(`log input of ${addonId}`)
  return `t.${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}`
}

/**
 * Reads messages as logplex takes them: each is its length in bytes, a blank and a line of syslog (RFC 5424 without structured data). The
 * program is `app` and the process the add-on service's, or the program says it. The stream is in order of arrival, so the time is `at`.
 * Throws invalid_params for what is none.
 */
export function readFrames(body: Buffer, at: Date): LogEntry[] {
  const entries: LogEntry[] = []
  let rest = body
  while (rest.length > 0) {
    const head = /^(\d{1,6}) /.exec(rest.subarray(0, 8).toString('latin1'))
    const length = Number(head?.[1])
    const begin = head?.[0].length ?? 0
    if (head === null || rest.length < begin + length)
      throw new PlatformError('invalid_params', `Message ${entries.length + 1} does not begin with its length in bytes, or is cut short.`)
    entries.push({at, source: 'app', ...said(rest.subarray(begin, begin + length).toString('utf8'), entries.length + 1)})
    rest = rest.subarray(begin + length)
  }
  return entries
}

function said(line: string, number: number): Pick<LogEntry, 'ps' | 'message'> {
  const match = /^<\d{1,3}>1 \S+ \S+ (\S+) (\S+) \S+ ?(?:- )?(.*)$/s.exec(line.replace(/\r?\n$/, ''))
  if (match === null)
    throw new PlatformError('invalid_params', `Message ${number} is no line of syslog: <134>1 TIME HOST app PROCESS - MESSAGE.`)
  const [, program, process, message] = match as unknown as [string, string, string, string]
  return {ps: program === 'app' ? process : program, message: message.replaceAll('\n', ' ')}
}
