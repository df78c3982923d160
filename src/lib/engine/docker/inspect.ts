import type {ContainerState, EngineCapabilities, Networking, ObservedContainer} from '../engine.js'
import type {DockerApi} from './api.js'

/** The part of `GET /containers/{id}/json` that we read. */
export interface InspectAnswer {
  Id: string
  Name: string
  Created: string
  State: {
    Status: string
    Running: boolean
    Restarting: boolean
    ExitCode: number
    OOMKilled: boolean
    StartedAt: string
    FinishedAt: string
  }
  Config: {Labels: Record<string, string> | null; Tty: boolean}
  HostConfig: {NetworkMode: string}
  NetworkSettings: {
    Networks: Record<string, {IPAddress: string}> | null
    Ports: Record<string, {HostIp: string; HostPort: string}[] | null> | null
  }
}

/** Throws not_found. */
export function inspect(api: DockerApi, id: string): Promise<InspectAnswer> {
  return api.request<InspectAnswer>({method: 'GET', path: `/containers/${id}/json`, doing: `inspect the container ${id}`})
}

export function observed(answer: InspectAnswer): ObservedContainer {
  const state = stateOf(answer.State)
  const ended = state === 'exited' || state === 'dead'
  return {
    id: answer.Id,
    name: answer.Name.replace(/^\//, ''),
    labels: answer.Config.Labels ?? {},
    state,
    createdAt: new Date(answer.Created),
    ...optionalDate('startedAt', answer.State.StartedAt),
    ...(ended && {...optionalDate('finishedAt', answer.State.FinishedAt), exitCode: answer.State.ExitCode}),
    ...(answer.State.OOMKilled && {outOfMemory: true}),
    addresses: addressesOf(answer),
    ports: portsOf(answer),
  }
}

/** A container whose command could not be executed stays `created` in Docker, with an exit code; to us it has ended. */
function stateOf({Status, ExitCode}: InspectAnswer['State']): ContainerState {
  if (Status === 'created' && ExitCode !== 0) return 'exited'
  if (Status === 'removing') return 'dead'
  return Status as ContainerState
}

/** Docker writes the year 1 for never. */
function optionalDate<K extends string>(key: K, value: string): Partial<Record<K, Date>> {
  const date = new Date(value)
  return date.getUTCFullYear() > 1 ? ({[key]: date} as Partial<Record<K, Date>>) : {}
}

function addressesOf({NetworkSettings}: InspectAnswer): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [network, {IPAddress}] of Object.entries(NetworkSettings.Networks ?? {})) if (IPAddress) found[network] = IPAddress
  return found
}

function portsOf({NetworkSettings}: InspectAnswer): Record<number, number> {
  const found: Record<number, number> = {}
  for (const [port, bindings] of Object.entries(NetworkSettings.Ports ?? {})) {
    const first = bindings?.[0]
    if (first !== undefined) found[Number.parseInt(port, 10)] = Number(first.HostPort)
  }
  return found
}

/** Where the host reaches a container: its own address on the first network named, or the host itself when it shares its network. */
export function addressFrom(answer: InspectAnswer, networking: Networking, {hostNetwork}: EngineCapabilities): string | undefined {
  if (networking === 'host') return hostNetwork ? '127.0.0.1' : undefined
  const first = networking === 'none' ? undefined : networking[0]
  return first === undefined ? undefined : addressesOf(answer)[first.network]
}
