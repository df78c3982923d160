import {setTimeout as sleep} from 'node:timers/promises'
import {type Engine, EngineError} from '../engine.js'
import {type DockerApi, labelFilter} from './api.js'
import {drain, openAttach} from './attach.js'
import {bounded} from './bounded.js'
import {engineError, isUnreachable} from './errors.js'
import {inspect, observed} from './inspect.js'

type Containers = Pick<Engine, 'observe' | 'attach' | 'stop' | 'kill' | 'pause' | 'resume' | 'wait' | 'remove'>

export function containers(api: DockerApi, closing: AbortSignal): Containers {
  const remove = (id: string) => removeContainer(api, id)
  return {
    observe: labels => observe(api, labels),
    async attach(id, onOutput, signal) {
      const {Config} = await inspect(api, id)
      const until = signal === undefined ? closing : AbortSignal.any([signal, closing])
      drain(api, id, await openAttach(api, id, 'output only', until), Config.Tty ? 'tty' : 'pipes', onOutput, until)
    },
    async stop(id, {graceSeconds}) {
      await gone(
        api.request({
          method: 'POST',
          path: `/containers/${id}/stop`,
          query: {t: Math.ceil(graceSeconds)},
          doing: `stop the container ${id}`,
        }),
      )
    },
    async kill(id, signal) {
      await gone(
        api.request({method: 'POST', path: `/containers/${id}/kill`, query: {signal}, doing: `send ${signal} to the container ${id}`}),
      )
    },
    async pause(id) {
      try {
        await gone(api.request({method: 'POST', path: `/containers/${id}/pause`, doing: `freeze the container ${id}`}))
      } catch (error) {
        if (!(error instanceof EngineError && /is already paused|is not running/.test(error.message))) throw error
      }
    },
    async resume(id) {
      try {
        await gone(api.request({method: 'POST', path: `/containers/${id}/unpause`, doing: `let the container ${id} go on`}))
      } catch (error) {
        // Docker answers 500 to that.
        if (!(error instanceof EngineError && /is not paused/.test(error.message))) throw error
      }
    },
    async wait(id, signal) {
      if (signal === undefined) return await waitFor(api, id, closing)
      // Node forgets a timeout's signal that nobody but `any` listens to, and then it never aborts.
      const listen = () => undefined
      signal.addEventListener('abort', listen)
      try {
        return await waitFor(api, id, AbortSignal.any([signal, closing]))
      } finally {
        signal.removeEventListener('abort', listen)
      }
    },
    remove,
  }
}

/** Not there, or not running, is what was wanted. */
async function gone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof EngineError) || (error.code !== 'not_found' && error.code !== 'conflict')) throw error
  }
}

async function observe(api: DockerApi, labels: Record<string, string>): ReturnType<Engine['observe']> {
  const listed = await api.request<{Id: string}[]>({
    method: 'GET',
    path: '/containers/json',
    query: {all: 1, filters: labelFilter(labels)},
    doing: 'list containers',
  })
  const few = bounded(16)
  const answers = await Promise.all(listed.map(({Id}) => few(() => inspect(api, Id).catch(ignoreNotFound))))
  return answers.filter(answer => answer !== undefined).map(observed)
}

/** It went away while we looked. */
export function ignoreNotFound(error: unknown): undefined {
  if (error instanceof EngineError && error.code === 'not_found') return undefined
  throw error
}

async function waitFor(api: DockerApi, id: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      const now = observed(await inspect(api, id))
      if (now.exitCode !== undefined) return now.exitCode
      return await nextExit(api, id, now.state === 'created' ? 'next-exit' : 'not-running', signal)
    } catch (error) {
      if (signal.aborted) throw new EngineError('canceled', `Stopped waiting for the container ${id}.`, {cause: error})
      if (!isUnreachable(error)) throw error
      // Docker is starting again; whether the container outlived it shows when it answers.
      await sleep(500, undefined, {ref: false})
    }
  }
}

async function nextExit(api: DockerApi, id: string, condition: string, signal: AbortSignal): Promise<number> {
  const doing = `wait for the container ${id}`
  const answer = await api.request<{StatusCode: number; Error?: {Message: string} | null} | undefined>({
    method: 'POST',
    path: `/containers/${id}/wait`,
    query: {condition},
    doing,
    signal,
  })
  if (answer === undefined) throw new EngineError('unavailable', `Docker could not ${doing}: the connection ended.`)
  if (answer.Error) throw engineError(new Error(answer.Error.Message), doing)
  return answer.StatusCode
}

async function removeContainer(api: DockerApi, id: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await api.request({method: 'DELETE', path: `/containers/${id}`, query: {force: 1, v: 1}, doing: `remove the container ${id}`})
      return
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.code === 'not_found') return
      // Somebody else's removal is under way; success is when it is gone.
      if (error.code !== 'conflict') throw error
      await sleep(100)
    }
  }
  throw new EngineError('conflict', `Docker could not remove the container ${id}: its removal does not end.`)
}
