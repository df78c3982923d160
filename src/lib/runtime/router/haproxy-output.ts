import type {OutputChunk} from '../../engine/engine.js'
import type {LogSink} from '../support/log-sink.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {lineParser} from './haproxy-line.js'
import {formatRouterLine} from './router-line.js'

export interface OutputReaderDeps {
  logs: LogSink
  log: RuntimeLog
  /** Whether that app exists: lines of apps that were destroyed meanwhile are dropped. */
  known: (appId: string) => boolean
}

/** Turns HAProxy's output, from wherever it is read in whatever pieces, into router lines of the apps; what HAProxy says about itself goes to the runtime's log. */
export function outputReader({logs, log, known}: OutputReaderDeps): (chunk: OutputChunk) => void {
  const parse = lineParser()
  const rest = {stdout: '', stderr: ''}
  const read = {
    stdout(text: string): void {
      const parsed = parse(text)
      if (parsed !== undefined && known(parsed.appId))
        logs.append(parsed.appId, {at: new Date(parsed.at), source: 'heroku', ps: 'router', message: formatRouterLine(parsed.line)})
    },
    stderr: (text: string): void => log.debug('haproxy', {line: text}),
  }
  return ({stream, data}) => {
    const lines = (rest[stream] + data.toString('latin1')).split('\n')
    rest[stream] = lines.pop() ?? ''
    for (const line of lines) read[stream](line)
  }
}
