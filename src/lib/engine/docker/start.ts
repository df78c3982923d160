import type {Duplex} from 'node:stream'
import {type ContainerSpec, type Engine, EngineError, type Started} from '../engine.js'
import {keyedQueue} from '../keyed-queue.js'
import {label} from '../labels.js'
import {specHash} from '../spec-hash.js'
import type {DockerApi} from './api.js'
import {drain, type OnOutput, openAttach} from './attach.js'
import type {bounded} from './bounded.js'
import {containerBody} from './container-body.js'
import {ignoreNotFound} from './containers.js'
import {dockerSaid, statusOf} from './errors.js'
import {executableIn} from './executable.js'
import {addressFrom, type InspectAnswer, inspect} from './inspect.js'
import {isNetworkMissing, type Networks} from './networks.js'
import {dockerSession} from './sessions.js'

interface Parts {
  api: DockerApi
  networks: Networks
  /** Labels on everything. */
  common: Record<string, string>
  /** Starting ten at once takes longer than four at a time (engine-facts: 3.8 s against 3.1 s on two cores). */
  slots: ReturnType<typeof bounded>
  closing: AbortSignal
  containers: Pick<Engine, 'remove' | 'wait' | 'attach'>
}

export function starting(parts: Parts): Pick<Engine, 'start' | 'startAttached'> {
  const byName = keyedQueue()
  return {
    start: (spec, onOutput) => byName(spec.name, () => startOnce(parts, spec, onOutput)),
    startAttached: spec =>
      byName(spec.name, async () => {
        const {id} = await createFresh(parts, spec, 'replace')
        const stream = await openAttach(parts.api, id, 'stdin')
        const target = {kind: 'containers', id, tty: spec.tty} as const
        const session = dockerSession(parts.api, target, stream, () => parts.containers.wait(id))
        const started = await run(parts, spec, id, stream)
        if (spec.tty !== undefined) await session.resize(spec.tty)
        return {...started, session}
      }),
  }
}

async function startOnce(parts: Parts, spec: ContainerSpec, onOutput: OnOutput | undefined): Promise<Started> {
  const {id, running} = await createFresh(parts, spec, 'keep if the same')
  if (running !== undefined) {
    if (onOutput !== undefined) await parts.containers.attach(id, onOutput)
    return {id, address: await addressOf(parts, spec, running)}
  }
  const stream = onOutput === undefined ? undefined : await openAttach(parts.api, id, 'output only')
  if (stream !== undefined && onOutput !== undefined) drain(parts.api, id, stream, spec.tty ? 'tty' : 'pipes', onOutput, parts.closing)
  return run(parts, spec, id, stream)
}

/** Creates it, or finds the one that runs already; one of that name that differs or has ended makes room. */
async function createFresh(
  parts: Parts,
  spec: ContainerSpec,
  ifThere: 'keep if the same' | 'replace',
): Promise<{id: string; running?: InspectAnswer}> {
  const hash = specHash(spec)
  const {version: host} = await parts.api.connection()
  const body = containerBody(spec, {...parts.common, ...spec.labels, [label.spec]: hash}, host)
  for (let tries = 0; ; tries++) {
    try {
      return {id: await create(parts, spec, body)}
    } catch (error) {
      if (statusOf(error) !== 409 || tries > 3) throw error
      const there = await inspect(parts.api, spec.name).catch(ignoreNotFound)
      const same = there?.State.Running === true && there.Config.Labels?.[label.spec] === hash
      if (there !== undefined && same && ifThere === 'keep if the same') return {id: there.Id, running: there}
      if (there !== undefined) await parts.containers.remove(there.Id)
    }
  }
}

async function create({api, networks}: Parts, spec: ContainerSpec, body: Record<string, unknown>): Promise<string> {
  const {Id} = await api.request<{Id: string}>({
    method: 'POST',
    path: '/containers/create',
    query: {name: spec.name},
    body,
    doing: `create the container ${spec.name}`,
  })
  const others = typeof spec.networking === 'string' ? [] : spec.networking.slice(1)
  for (const {network, aliases} of others) await networks.connect(Id, network, aliases ?? [])
  return Id
}

async function run(parts: Parts, spec: ContainerSpec, id: string, attached: Duplex | undefined): Promise<Started> {
  const verdict = await executableIn(parts.api, id)
  try {
    await parts.slots(() => startCreated(parts, spec, id))
  } catch (error) {
    attached?.destroy()
    const failed = await explained(parts.api, spec, id, error as EngineError)
    if (failed.code !== 'exec_failed') await parts.containers.remove(id)
    throw failed
  }
  if (verdict !== 'executable') await initGaveUp(parts, spec, id, verdict)
  return {id, address: await addressOf(parts, spec, await inspect(parts.api, id))}
}

const patienceWithInit = 5_000

/** The init cannot execute the command and ends at once with 126 or 127; should it run all the same, the look was wrong. */
async function initGaveUp(parts: Parts, spec: ContainerSpec, id: string, verdict: string): Promise<void> {
  const exitCode = await parts.containers.wait(id, AbortSignal.timeout(patienceWithInit)).catch(() => undefined)
  if (exitCode !== 126 && exitCode !== 127) return
  throw new EngineError('exec_failed', `${spec.name} cannot execute ${commandOf(spec)}: it is ${verdict} in ${spec.image}.`, {exitCode})
}

function commandOf({entrypoint = [], command = []}: ContainerSpec): string {
  return [...entrypoint, ...command].join(' ') || 'its command'
}

/** A network that somebody removed behind our back is made again, once. */
async function startCreated({api, networks}: Parts, spec: ContainerSpec, id: string): Promise<void> {
  const call = {method: 'POST', path: `/containers/${id}/start`, doing: `start the container ${spec.name}`} as const
  try {
    await api.request(call)
  } catch (error) {
    const names = typeof spec.networking === 'string' ? [] : spec.networking.map(one => one.network)
    if (!isNetworkMissing(error) || !(await networks.restore(names))) throw error
    await api.request(call)
  }
}

/** A command that cannot be executed: Docker answers 400 and leaves 126 or 127 in the container's state. */
async function explained(api: DockerApi, spec: ContainerSpec, id: string, error: EngineError): Promise<EngineError> {
  const exitCode = await inspect(api, id).then(
    answer => answer.State.ExitCode,
    () => 0,
  )
  if (error.code !== 'failed' && error.code !== 'not_found') return error
  if (exitCode !== 126 && exitCode !== 127) return error
  return new EngineError('exec_failed', `${spec.name} cannot execute ${commandOf(spec)}: ${dockerSaid(error)}`, {exitCode, cause: error})
}

async function addressOf({api}: Parts, spec: ContainerSpec, answer: InspectAnswer): Promise<string | undefined> {
  const {capabilities} = await api.connection()
  return addressFrom(answer, spec.networking, capabilities)
}
