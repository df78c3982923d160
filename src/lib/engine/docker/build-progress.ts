import {Buffer} from 'node:buffer'
import {StringDecoder} from 'node:string_decoder'
import type {BuildProgress} from '../engine.js'
import {fieldsOf} from './protobuf.js'

interface Step {
  name: string
  started: boolean
  done: boolean
  /** By BuildKit's number of the stream: the line that has no end yet. */
  lines: Map<number, {decoder: StringDecoder; rest: string}>
}

/** Characters of a line that has no end yet, beyond which it is passed on in parts. */
const longestLine = 1 << 16

export interface ProgressReader {
  /** One base64 StatusResponse of `moby.buildkit.v1`, as Docker sends it under `moby.buildkit.trace`. */
  read(aux: string): void
  /** The step whose error was reported first. */
  failed(): {name: string; error: string} | undefined
}

/** Turns BuildKit's reports into progress; each line of output carries the step it came from. */
export function progressReader(onProgress: (progress: BuildProgress) => void): ProgressReader {
  const steps = new Map<string, Step>()
  let failure: {name: string; error: string} | undefined
  const stepOf = (vertex: string) => {
    const known = steps.get(vertex)
    if (known !== undefined) return known
    const step: Step = {name: '', started: false, done: false, lines: new Map()}
    steps.set(vertex, step)
    return step
  }
  const begun = ({digest, name, cached, started, completed}: Vertex) => {
    const step = stepOf(digest)
    if (name !== '') step.name = name
    if (step.started || !(started || completed)) return
    step.started = true
    // A step whose result is only fetched says so when it starts, and may take a while to be done.
    onProgress({type: 'started', vertex: digest, name: step.name, cached})
  }
  const ended = ({digest, cached, completed, error}: Vertex) => {
    const step = stepOf(digest)
    if (!completed || step.done) return
    step.done = true
    flush(digest, step)
    // A canceled neighbour of the failing step has an error too.
    if (error !== '' && !error.includes('context canceled')) failure ??= {name: step.name, error}
    onProgress({type: 'done', vertex: digest, name: step.name, cached, ...(error !== '' && {error})})
  }
  const flush = (vertex: string, step: Step) => {
    for (const {rest} of step.lines.values()) if (rest !== '') onProgress({type: 'output', vertex, name: step.name, line: rest})
    step.lines.clear()
  }
  const logged = (message: Buffer) => {
    const {vertex, stream, text} = logOf(message)
    const step = stepOf(vertex)
    const open = step.lines.get(stream) ?? {decoder: new StringDecoder('utf8'), rest: ''}
    step.lines.set(stream, open)
    const lines = (open.rest + open.decoder.write(text)).split(/\r?\n/)
    open.rest = lines.pop() ?? ''
    // A program that never ends its line must not make us keep all it prints.
    if (open.rest.length > longestLine) lines.push(open.rest)
    if (open.rest.length > longestLine) open.rest = ''
    for (const line of lines) onProgress({type: 'output', vertex, name: step.name, line})
    if (step.done) flush(vertex, step)
  }
  return {
    read(aux) {
      const vertexes: Buffer[] = []
      const logs: Buffer[] = []
      for (const {number, value} of fieldsOf(Buffer.from(aux, 'base64'))) {
        if (number === 1) vertexes.push(value as Buffer)
        if (number === 3) logs.push(value as Buffer)
      }
      // Output that comes together with the end of its step belongs before it.
      for (const message of vertexes) begun(vertexOf(message))
      for (const message of logs) logged(message)
      for (const message of vertexes) ended(vertexOf(message))
    },
    failed: () => failure,
  }
}

interface Vertex {
  digest: string
  name: string
  cached: boolean
  started: boolean
  completed: boolean
  error: string
}

function vertexOf(message: Buffer): Vertex {
  const vertex = {digest: '', name: '', cached: false, started: false, completed: false, error: ''}
  for (const {number, value} of fieldsOf(message)) {
    if (number === 1) vertex.digest = String(value)
    else if (number === 3) vertex.name = String(value)
    else if (number === 4) vertex.cached = value === 1
    else if (number === 5) vertex.started = true
    else if (number === 6) vertex.completed = true
    else if (number === 7) vertex.error = String(value)
  }
  return vertex
}

function logOf(message: Buffer): {vertex: string; stream: number; text: Buffer} {
  const log: {vertex: string; stream: number; text: Buffer} = {vertex: '', stream: 1, text: Buffer.alloc(0)}
  for (const {number, value} of fieldsOf(message)) {
    if (number === 1) log.vertex = String(value)
    else if (number === 3) log.stream = value as number
    else if (number === 4) log.text = value as Buffer
  }
  return log
}
