import {describe, expect, it} from 'vitest'
import {progressReader} from '../../../src/lib/engine/docker/build-progress.js'
import {containerBody} from '../../../src/lib/engine/docker/container-body.js'
import {demultiplexer, frames} from '../../../src/lib/engine/docker/demux.js'
import {engineError} from '../../../src/lib/engine/docker/errors.js'
import {isListening, listensIn} from '../../../src/lib/engine/docker/listening.js'
import {bytesField, fieldsOf, numberField} from '../../../src/lib/engine/docker/protobuf.js'
import {freeSubnets} from '../../../src/lib/engine/docker/subnets.js'
import {type StatsAnswer, usageOf} from '../../../src/lib/engine/docker/usage.js'
import type {BuildProgress, ContainerSpec, OutputChunk} from '../../../src/lib/engine/engine.js'
import {specHash} from '../../../src/lib/engine/spec-hash.js'

const spec: ContainerSpec = {
  name: 'hokku-demo.web.1.v8',
  image: 'debian:13-slim',
  command: ['bash', '-c', 'node server.js'],
  env: {PORT: '5000'},
  labels: {'hokku.app': 'a'},
  networking: [{network: 'one', aliases: ['web']}, {network: 'two'}],
  restart: 'never',
  keepOutput: 'copy',
}

describe('the demultiplexer', () => {
  const stream = Buffer.concat([
    frame(1, 'one\n'),
    frame(1, 'two\n'),
    frame(2, 'err\n'),
    frame(1, ''),
    frame(2, 'err again\n'),
    frame(1, 'x'.repeat(70_000)),
    frame(1, 'end'),
  ])
  const expected = {stdout: `one\ntwo\n${'x'.repeat(70_000)}end`, stderr: 'err\nerr again\n'}

  it.each([1, 3, 7, 8, 9, 64, 4096, 1_000_000])('gives the same bytes when they come %i at a time', size => {
    const said = {stdout: '', stderr: ''}
    const order: OutputChunk['stream'][] = []
    const read = demultiplexer(({stream: name, data}) => {
      said[name] += data.toString()
      if (order.at(-1) !== name) order.push(name)
    })
    for (let at = 0; at < stream.length; at += size) read(Buffer.from(stream.subarray(at, at + size)))
    expect(said).toEqual(expected)
    expect(order).toEqual(['stdout', 'stderr', 'stdout'])
  })

  it('makes one chunk of the neighbouring frames of one read', () => {
    const chunks: string[] = []
    demultiplexer(({data}) => chunks.push(data.toString()))(Buffer.concat(Array.from({length: 1000}, () => frame(1, 'line\n'))))
    expect(chunks).toEqual(['line\n'.repeat(1000)])
  })

  it('keeps frames apart where each has a meaning', async () => {
    const found = []
    for await (const {stream: name, data} of frames(inPieces(stream, 5))) found.push(`${name} ${data.length}`)
    expect(found).toEqual(['stdout 4', 'stdout 4', 'stderr 4', 'stdout 0', 'stderr 10', 'stdout 70000', 'stdout 3'])
  })
})

describe('the body of a container', () => {
  const host = {cpus: 2, memoryBytes: 8 * 2 ** 30}

  it('drops every capability and joins the first network', () => {
    expect(containerBody(spec, spec.labels, host)).toMatchInlineSnapshot(`
      {
        "Cmd": [
          "bash",
          "-c",
          "node server.js",
        ],
        "Env": [
          "PORT=5000",
        ],
        "ExposedPorts": {},
        "HostConfig": {
          "CapAdd": [],
          "CapDrop": [
            "ALL",
          ],
          "Init": true,
          "LogConfig": {
            "Config": {
              "compress": "false",
              "max-file": "2",
              "max-size": "10m",
            },
            "Type": "local",
          },
          "Mounts": [],
          "NetworkMode": "one",
          "PortBindings": {},
          "RestartPolicy": {
            "Name": "no",
          },
          "SecurityOpt": [
            "no-new-privileges:true",
          ],
        },
        "Image": "debian:13-slim",
        "Labels": {
          "hokku.app": "a",
        },
        "NetworkingConfig": {
          "EndpointsConfig": {
            "one": {
              "Aliases": [
                "web",
              ],
            },
          },
        },
        "OpenStdin": false,
        "StdinOnce": false,
        "StopSignal": "SIGTERM",
        "Tty": false,
      }
    `)
  })

  it('limits memory with swap, CPU and processes', () => {
    const {HostConfig} = containerBody({...spec, limits: {memoryBytes: 512, cpuShares: 2, cpus: 1.5, pids: 256}}, {}, host) as never
    expect(HostConfig).toMatchObject({Memory: 512, MemorySwap: 512, CpuShares: 2048, NanoCpus: 1.5e9, PidsLimit: 256})
  })

  it('limits to what the host has', () => {
    const limits = {memoryBytes: 14 * 2 ** 30, cpuShares: 50, cpus: 8, pids: 256}
    expect(containerBody({...spec, limits}, {}, host)).toMatchObject({
      HostConfig: {Memory: 8 * 2 ** 30, MemorySwap: 8 * 2 ** 30, NanoCpus: 2e9},
    })
  })

  it('binds published ports to this machine unless told otherwise', () => {
    const publish = [{containerPort: 80, hostPort: 8080}, {containerPort: 81}, {containerPort: 82, hostPort: 82, hostAddress: '0.0.0.0'}]
    expect(containerBody({...spec, publish}, {}, host)).toMatchObject({
      HostConfig: {
        PortBindings: {
          '80/tcp': [{HostIp: '127.0.0.1', HostPort: '8080'}],
          '81/tcp': [{HostIp: '127.0.0.1', HostPort: ''}],
          '82/tcp': [{HostIp: '0.0.0.0', HostPort: '82'}],
        },
      },
    })
  })

  it('leaves the network out where there is none, and names the host where it is shared', () => {
    expect(containerBody({...spec, hostAlias: 'here'}, {}, host)).toMatchObject({HostConfig: {ExtraHosts: ['here:host-gateway']}})
    expect(containerBody({...spec, networking: 'none'}, {}, host)).toMatchObject({HostConfig: {NetworkMode: 'none'}})
    expect(containerBody({...spec, networking: 'host'}, {}, host)).toMatchObject({HostConfig: {NetworkMode: 'host'}})
    expect(containerBody({...spec, networking: 'host'}, {}, host)).not.toHaveProperty('NetworkingConfig')
  })
})

describe('the hash of a spec', () => {
  it('does not depend on the order of keys nor on keys that are undefined', () => {
    const {name, ...rest} = spec
    expect(specHash({...rest, name, user: undefined} as never)).toBe(specHash(spec))
  })

  it('depends on every value', () => {
    expect(specHash({...spec, env: {PORT: '5001'}})).not.toBe(specHash(spec))
    expect(specHash({...spec, command: ['bash', '-c', 'node', 'server.js']})).not.toBe(specHash(spec))
  })
})

describe('subnets', () => {
  it('are /24s of our pool, the same ones for the same name', () => {
    const [first] = freeSubnets('demo', [])
    expect(first).toMatch(/^10\.(20[89]|21\d|22[0-3])\.\d+\.0\/24$/)
    expect([...freeSubnets('demo', [])][0]).toBe(first)
    expect(new Set(freeSubnets('demo', []))).toHaveLength(4096)
  })

  it('leave out what is taken, whatever its size', () => {
    const [first] = freeSubnets('demo', [])
    expect([...freeSubnets('demo', [first!])]).not.toContain(first)
    expect([...freeSubnets('demo', ['10.208.0.0/13', 'fe80::1/64'])]).toHaveLength(2048)
    expect([...freeSubnets('demo', ['10.0.0.0/8'])]).toEqual([])
    expect([...freeSubnets('demo', ['10.210.3.7/32'])]).not.toContain('10.210.3.0/24')
  })
})

describe('errors', () => {
  it.each([
    [{statusCode: 404, json: {message: 'No such container: x'}}, 'not_found'],
    [{statusCode: 409, json: {message: 'is already in use'}}, 'conflict'],
    [{statusCode: 500, json: {message: 'Bind for 127.0.0.1:80 failed: port is already allocated'}}, 'port_taken'],
    [{statusCode: 500, json: {message: 'write /x: no space left on device'}}, 'no_space'],
    [{statusCode: 500, json: {message: 'boom'}}, 'failed'],
    [{code: 'ECONNREFUSED', message: 'connect ECONNREFUSED'}, 'unavailable'],
    [{code: 'ENOENT', message: 'connect ENOENT'}, 'unavailable'],
    [{code: 'EACCES', message: 'connect EACCES'}, 'permission'],
    [{name: 'AbortError', message: 'aborted'}, 'canceled'],
  ])('translates %j to %s', (error, code) => {
    expect(engineError(error, 'do it')).toMatchObject({code, message: expect.stringContaining('Docker could not do it: ')})
  })

  it('tells of a connection that breaks in the middle of an answer what that means', () => {
    expect(engineError({code: 'ECONNRESET', message: 'aborted'}, 'build the image')).toMatchObject({
      code: 'unavailable',
      message: 'Docker could not build the image: the connection broke off, as when Docker is stopped or restarted',
    })
  })
})

describe('the table of sockets', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue',
    '   0: 00000000:1388 00000000:0000 0A 00000000:00000000',
    '   1: 0100007F:0BB8 00000000:0000 0A 00000000:00000000',
    '   2: 00000000:0FA0 00000000:0000 01 00000000:00000000',
    '   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0',
  ].join('\n')

  it('tells who listens for others', () => {
    expect(listensIn(table, 5000)).toBe(true)
    expect(listensIn(table, 8080)).toBe(true)
  })

  it('does not count localhost, connections and other ports', () => {
    expect([3000, 4000, 80].map(port => listensIn(table, port))).toEqual([false, false, false])
  })

  it('is not waited for when the engine never says what there is', async () => {
    const container = {id: 'one', address: undefined}
    expect(await isListening(() => new Promise(() => undefined), container, 5000, false, [], 20)).toBe(false)
    expect(await isListening(heedful, container, 5000, false, [], 20)).toBe(false)
    await expect(isListening(() => Promise.reject(new Error('gone')), container, 5000, false, [], 20)).rejects.toThrow('gone')
  })

  function heedful(_id: string, _argv: string[], options: {signal?: AbortSignal} = {}): Promise<never> {
    return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  }
})

describe('readings', () => {
  /** Of a container that has 60 MB twice, and has written and read a file of 40 MB: of Docker 20.10 and 26.1, what is read of them. */
  const recorded: Record<string, StatsAnswer> = {
    v1: {
      read: '2026-11-30T15:18:02.123456789Z',
      pids_stats: {current: 2},
      cpu_stats: {
        cpu_usage: {total_usage: 131_736_925, percpu_usage: [26_145_838, 105_591_087]},
        system_cpu_usage: 8_538_040_000_000,
        online_cpus: 2,
      },
      precpu_stats: {
        cpu_usage: {total_usage: 131_687_222, percpu_usage: [26_129_254, 105_557_968]},
        system_cpu_usage: 8_535_940_000_000,
        online_cpus: 2,
      },
      memory_stats: {
        usage: 167_903_232,
        limit: 536_870_912,
        stats: {active_file: 4096, cache: 39_849_984, inactive_file: 39_845_888, rss: 126_308_352, total_inactive_file: 39_845_888},
      },
    },
    v2: {
      read: '2026-11-30T15:00:47.984184149Z',
      pids_stats: {current: 2},
      cpu_stats: {cpu_usage: {total_usage: 4_470_000_000}, system_cpu_usage: 1_613_240_000_000, online_cpus: 1},
      precpu_stats: {cpu_usage: {total_usage: 4_030_000_000}, system_cpu_usage: 1_612_100_000_000, online_cpus: 1},
      memory_stats: {
        usage: 122_802_176,
        limit: 536_870_912,
        stats: {active_file: 73_728, anon: 78_295_040, file: 42_020_864, inactive_file: 41_947_136, slab_reclaimable: 1_343_736},
      },
    },
  }

  it.each([
    ['v1', {at: '2026-11-30T15:18:02.123Z', cpuPercent: 0.0047, memoryBytes: 128_057_344, memoryCacheBytes: 39_845_888}],
    ['v2', {at: '2026-11-30T15:00:47.984Z', cpuPercent: 38.5965, memoryBytes: 80_855_040, memoryCacheBytes: 41_947_136}],
  ])('leave the page cache out of the memory with control groups of %s', (version, {at, cpuPercent, ...memory}) => {
    const usage = usageOf(recorded[version]!)
    expect(usage).toMatchObject({at: new Date(at), ...memory, memoryLimitBytes: 512 * 2 ** 20, pids: 2})
    expect(usage.cpuPercent).toBeCloseTo(cpuPercent, 4)
  })
})

describe('the progress of a build', () => {
  const vertex = (digest: string, name: string, what: {started?: true; completed?: true; cached?: true; error?: string}) =>
    bytesField(
      1,
      Buffer.concat([
        bytesField(1, Buffer.from(digest)),
        bytesField(3, Buffer.from(name)),
        ...(what.cached ? [numberField(4, 1)] : []),
        ...(what.started ? [bytesField(5, numberField(1, 1_700_000_000))] : []),
        ...(what.completed ? [bytesField(6, numberField(1, 1_700_000_001))] : []),
        ...(what.error ? [bytesField(7, Buffer.from(what.error))] : []),
      ]),
    )
  const log = (digest: string, text: string | Buffer, stream = 1) =>
    bytesField(3, Buffer.concat([bytesField(1, Buffer.from(digest)), numberField(3, stream), bytesField(4, Buffer.from(text))]))
  const read = (...messages: Buffer[][]) => {
    const progress: BuildProgress[] = []
    const reader = progressReader(one => progress.push(one))
    for (const fields of messages) reader.read(Buffer.concat(fields).toString('base64'))
    return {
      progress: progress.map(one => `${one.type} ${one.vertex}${one.type === 'output' ? ` ${one.line}` : ''}`),
      failed: reader.failed(),
    }
  }

  it('joins what a line was cut into, for each step and stream by itself', () => {
    const euro = Buffer.from('€')
    const {progress} = read(
      [vertex('a', 'RUN a', {started: true}), vertex('b', 'RUN b', {started: true})],
      [log('a', 'one\ntw'), log('b', 'other'), log('a', 'err', 2)],
      [log('a', 'o\n'), log('a', 'or\n', 2), log('b', euro.subarray(0, 1)), log('b', euro.subarray(1))],
      [vertex('b', 'RUN b', {started: true, completed: true})],
    )
    expect(progress).toEqual(['started a', 'started b', 'output a one', 'output a two', 'output a error', 'output b other€', 'done b'])
  })

  it('tells output before the end of its step though both come at once, and nothing twice', () => {
    const end = [vertex('a', 'RUN a', {started: true, completed: true}), log('a', 'last')]
    expect(read(end, end.slice(0, 1)).progress).toEqual(['started a', 'output a last', 'done a'])
  })

  it('says of a step whose result is fetched, when it starts, that it is cached', () => {
    const progress: BuildProgress[] = []
    const reader = progressReader(one => progress.push(one))
    reader.read(vertex('a', 'RUN a', {started: true, cached: true}).toString('base64'))
    expect(progress).toEqual([{type: 'started', vertex: 'a', name: 'RUN a', cached: true}])
  })

  it('passes a line that never ends on in parts', () => {
    const part = 'x'.repeat(50_000)
    const {progress} = read([vertex('a', 'RUN a', {started: true}), log('a', part), log('a', part), log('a', part)])
    expect(progress.map(line => line.length)).toEqual(['started a'.length, 'output a '.length + 100_000])
  })

  it('names the step that failed, not the neighbours that were canceled with it', () => {
    const {failed} = read(
      [vertex('b', 'RUN b', {started: true, completed: true, error: 'context canceled'})],
      [vertex('a', 'RUN a', {started: true, completed: true, error: 'exit code: 3'})],
    )
    expect(failed).toEqual({name: 'RUN a', error: 'exit code: 3'})
  })

  it('reads numbers of any length', () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 1_700_000_000_000]) {
      expect([...fieldsOf(numberField(9, value))]).toEqual([{number: 9, value}])
    }
  })
})

function frame(type: number, text: string): Buffer {
  const payload = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = type
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

async function* inPieces(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}
