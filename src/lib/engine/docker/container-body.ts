import type {ContainerSpec, EngineVersion, Mount, PublishedPort} from '../engine.js'

type Host = Pick<EngineVersion, 'cpus' | 'memoryBytes'>

const nanosPerCpu = 1e9
const shareOfOneDyno = 1024
/** The engine's own copy of the output: enough to catch up from after a restart of the runtime. */
const copyOfOutput = {Type: 'local', Config: {'max-size': '10m', 'max-file': '2', compress: 'false'}}

/** The body of `POST /containers/create` for a spec. Pure; networks beyond the first are joined afterwards. */
export function containerBody(spec: ContainerSpec, labels: Record<string, string>, host: Host): Record<string, unknown> {
  return {
    Image: spec.image,
    ...(spec.command && {Cmd: spec.command}),
    ...(spec.entrypoint && {Entrypoint: spec.entrypoint.length === 0 ? [''] : spec.entrypoint}),
    Env: environment(spec.env),
    Labels: labels,
    ...(spec.user !== undefined && {User: spec.user}),
    ...(spec.workdir !== undefined && {WorkingDir: spec.workdir}),
    Tty: spec.tty !== undefined,
    OpenStdin: spec.stdin === true,
    StdinOnce: spec.stdin === true,
    StopSignal: spec.stopSignal ?? 'SIGTERM',
    ExposedPorts: Object.fromEntries((spec.publish ?? []).map(port => [`${port.containerPort}/tcp`, {}])),
    HostConfig: hostConfig(spec, host),
    ...networkConfig(spec),
  }
}

export function environment(env: Record<string, string>): string[] {
  return Object.entries(env).map(([key, value]) => `${key}=${value}`)
}

function hostConfig(spec: ContainerSpec, host: Host): Record<string, unknown> {
  const {tty} = spec
  const limits = spec.limits && within(spec.limits, host)
  return {
    NetworkMode: networkMode(spec),
    CapDrop: ['ALL'],
    CapAdd: spec.capabilities ?? [],
    SecurityOpt: ['no-new-privileges:true'],
    Init: true,
    ...(limits && {
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      CpuShares: Math.max(2, Math.round(limits.cpuShares * shareOfOneDyno)),
      ...(limits.cpus !== undefined && {NanoCpus: Math.round(limits.cpus * nanosPerCpu)}),
      PidsLimit: limits.pids,
    }),
    // unless-stopped, so that what we stopped stays down when Docker itself starts again.
    RestartPolicy: {Name: spec.restart === 'always' ? 'unless-stopped' : 'no'},
    LogConfig: spec.keepOutput === 'copy' ? copyOfOutput : {Type: 'none', Config: {}},
    Mounts: (spec.mounts ?? []).map(mountBody),
    PortBindings: portBindings(spec.publish ?? []),
    ...(spec.hostAlias !== undefined && {ExtraHosts: [`${spec.hostAlias}:host-gateway`]}),
    ...(tty && {ConsoleSize: [tty.rows, tty.columns]}),
  }
}

/** Docker refuses more CPUs than there are; a limit of more memory than there is would only mislead who reads it. */
function within(limits: NonNullable<ContainerSpec['limits']>, host: Host): NonNullable<ContainerSpec['limits']> {
  const memoryBytes = Math.min(limits.memoryBytes, host.memoryBytes)
  return {...limits, memoryBytes, ...(limits.cpus !== undefined && {cpus: Math.min(limits.cpus, host.cpus)})}
}

function networkMode({networking}: ContainerSpec): string {
  return typeof networking === 'string' ? networking : (networking[0]?.network ?? 'none')
}

function networkConfig({networking}: ContainerSpec): Record<string, unknown> {
  const first = typeof networking === 'string' ? undefined : networking[0]
  if (first === undefined) return {}
  return {NetworkingConfig: {EndpointsConfig: {[first.network]: {Aliases: first.aliases ?? []}}}}
}

function mountBody(mount: Mount): Record<string, unknown> {
  if (mount.type === 'volume') return {Type: 'volume', Source: mount.volume, Target: mount.target}
  if (mount.type === 'bind') return {Type: 'bind', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly}
  return {Type: 'tmpfs', Target: mount.target, TmpfsOptions: {SizeBytes: mount.sizeBytes}}
}

function portBindings(ports: PublishedPort[]): Record<string, {HostIp: string; HostPort: string}[]> {
  const bindings: Record<string, {HostIp: string; HostPort: string}[]> = {}
  for (const {containerPort, hostPort, hostAddress} of ports) {
    const key = `${containerPort}/tcp`
    bindings[key] = [
      ...(bindings[key] ?? []),
      {HostIp: hostAddress ?? '127.0.0.1', HostPort: hostPort === undefined ? '' : String(hostPort)},
    ]
  }
  return bindings
}
