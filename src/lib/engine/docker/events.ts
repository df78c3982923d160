import {setTimeout as sleep} from 'node:timers/promises'
import type {EngineEvent} from '../engine.js'
import {type DockerApi, jsonLines} from './api.js'

interface EventAnswer {
  Type: 'container' | 'network'
  Action: string
  Actor: {ID: string; Attributes: Record<string, string>}
  timeNano: number
}

const longestPause = 5_000
const heard = ['start', 'die', 'oom', 'destroy', 'pause', 'disconnect']

/**
 * Docker's container events; after a broken connection it reconnects and says `resync`. Listening begins with the
 * call, not with the first read: Docker replays what happened since.
 */
export function dockerEvents(api: DockerApi, labels: Record<string, string>, signal: AbortSignal): AsyncIterable<EngineEvent> {
  const since = Date.now()
  return {[Symbol.asyncIterator]: () => listen(api, labels, since, signal)}
}

async function* listen(api: DockerApi, labels: Record<string, string>, since: number, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  let from = since
  let pause = 100
  let lost: Date | undefined
  while (!signal.aborted) {
    try {
      const stream = await api.stream({
        method: 'GET',
        path: '/events',
        // Networks' events have no labels of containers, so what is asked for is told apart here.
        query: {filters: JSON.stringify({type: ['container', 'network'], event: heard}), since: (from / 1000).toFixed(3)},
        doing: 'listen to events',
        signal,
      })
      if (lost !== undefined) yield {type: 'resync', since: lost, at: new Date()}
      lost = undefined
      pause = 100
      for await (const answer of jsonLines<EventAnswer>(stream)) if (isAbout(answer, labels)) yield eventOf(answer)
    } catch (error) {
      if (signal.aborted) return
      // Anything else is a connection to be made again; who listens hears `resync`.
      void error
    }
    lost ??= new Date()
    from = Date.now()
    await sleep(pause, undefined, {signal}).catch(() => undefined)
    pause = Math.min(pause * 2, longestPause)
  }
}

function isAbout({Type, Actor}: EventAnswer, labels: Record<string, string>): boolean {
  return Type === 'network' || Object.entries(labels).every(([name, value]) => Actor.Attributes[name] === value)
}

/** Docker mixes a container's labels with its own attributes. */
function eventOf({Action, Actor, Type, timeNano}: EventAnswer): EngineEvent {
  if (Type === 'network') return {type: 'cut', id: Actor.Attributes['container'] ?? '', at: new Date(Math.floor(timeNano / 1e6))}
  const {name = '', image: _image, exitCode, signal: _signal, ...labels} = Actor.Attributes
  const common = {id: Actor.ID, name, labels, at: new Date(Math.floor(timeNano / 1e6))}
  if (Action === 'die') return {type: 'die', ...common, exitCode: Number(exitCode ?? 0)}
  return {type: Action as 'start' | 'oom' | 'destroy' | 'pause', ...common}
}
