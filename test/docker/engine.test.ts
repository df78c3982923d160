import {randomUUID} from 'node:crypto'
import {connect} from 'node:net'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {BuildProgress, ContainerSpec, Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {realTime} from '../../src/lib/engine/memory/time.js'
import {collector, engineContract} from '../contract/engine.js'
import {tarOf} from '../support/tar-of.js'

const image = 'debian:13-slim'
const accept = '-MIO::Socket::INET -e'

/** perl is in every Debian; it waits for connections and greets each. */
function listen(port: number): string {
  return `exec perl ${accept} '$s=IO::Socket::INET->new(LocalPort=>${port},Listen=>5,ReuseAddr=>1) or die; while($c=$s->accept){print $c "hello\\n"; close $c}'`
}

function reach(address: string, port: number): string {
  return `perl ${accept} 'exit(IO::Socket::INET->new(PeerAddr=>"${address}:${port}",Timeout=>2) ? 0 : 1)'`
}

const missing = await whyNot()
if (missing !== undefined) console.warn(`SKIPPED: the Docker engine tests did not run. ${missing}`)

describe.skipIf(missing !== undefined)('Docker', () => {
  engineContract('Docker', async () => ({
    engine: await connectDocker(),
    run: `hokku-test-${randomUUID().slice(0, 8)}`,
    image,
    time: realTime,
    listen,
    reach,
  }))

  describe('as it really is', () => {
    const run = `hokku-test-${randomUUID().slice(0, 8)}`
    const mine = {'hokku.test-run': run}
    let engine: Engine

    beforeAll(async () => {
      engine = await connectDocker({home: run})
    })
    afterEach(() => engine.removeAll(mine))
    afterAll(async () => {
      for (const built of await engine.images(mine)) await engine.removeImage(built.id)
      await engine.close()
    })

    const spec = (suffix: string, command: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: `${run}.${suffix}`,
      image,
      command: ['bash', '-c', command],
      env: {},
      labels: mine,
      networking: 'none',
      restart: 'never',
      keepOutput: 'copy',
      ...more,
    })

    const says = async (suffix: string, command: string, more: Partial<ContainerSpec> = {}) => {
      const output = collector()
      const {id} = await engine.start(spec(suffix, command, more), output.take)
      await engine.wait(id)
      await output.ended
      return output.text('stdout')
    }

    it('gives a container no capability, no new privileges, an init and its limits', async () => {
      const limits = {memoryBytes: 128 * 2 ** 20, cpuShares: 1, cpus: 0.5, pids: 50}
      const status = await says('caps', 'cat /proc/self/status; cat /proc/1/comm', {limits})
      expect(status).toMatch(/CapEff:\s0{16}\n/)
      expect(status).toMatch(/CapBnd:\s0{16}\n/)
      expect(status).toMatch(/NoNewPrivs:\s1\n/)
      expect(status).toMatch(/docker-init|tini/)
    })

    it('gives a server of ours the capability it names', async () => {
      const status = await says('cap', 'cat /proc/self/status', {capabilities: ['NET_BIND_SERVICE']})
      expect(status).toMatch(/CapEff:\s0000000000000400\n/)
    })

    it('labels everything with its home', async () => {
      await engine.start(spec('home', 'sleep 60'))
      expect((await engine.observe({[label.home]: run})).map(({name}) => name)).toEqual([`${run}.home`])
    })

    it('tells that a container was killed for its memory', async () => {
      const limits = {memoryBytes: 32 * 2 ** 20, cpuShares: 1, pids: 50}
      const {id} = await engine.start(spec('oom', `exec perl -e '$x = "a" x (200*1024*1024); sleep 60'`, {limits}))
      expect(await engine.wait(id)).toBe(137)
      expect((await engine.observe(mine))[0]).toMatchObject({outOfMemory: true})
    })

    it('accepts connections on a published port', async () => {
      await engine.ensureNetwork(`${run}-net`, mine)
      const networking = [{network: `${run}-net`}]
      const started = await engine.start(spec('public', listen(4000), {networking, publish: [{containerPort: 4000}]}))
      await expect.poll(() => engine.listening(started, 4000), {timeout: 30_000}).toBe(true)
      const [container] = await engine.observe(mine)
      expect(await firstLine('127.0.0.1', container!.ports[4000]!)).toBe('hello\n')
    })

    it('looks at the sockets inside where the address does not route', async () => {
      const {id} = await engine.start(spec('inside', listen(4000)))
      await expect.poll(() => engine.listening({id, address: undefined}, 4000), {timeout: 30_000}).toBe(true)
      expect(await engine.listening({id, address: undefined}, 4001)).toBe(false)
    })

    it('starts though somebody removed the network behind our back', async () => {
      const network = `${run}-lost`
      await engine.ensureNetwork(network, mine)
      const other = await connectDocker()
      await other.removeAll(mine)
      await other.close()
      await engine.ensureNetwork(network, mine)
      const {address} = await engine.start(spec('lost', 'sleep 60', {networking: [{network}]}))
      expect(address).toMatch(/^10\./)
    })

    it('removes a network although somebody else’s container is on it', async () => {
      const network = `${run}-left`
      const gone = {...mine, 'hokku.test-part': 'gone'}
      await engine.ensureNetwork(network, gone)
      const {id} = await engine.start(spec('stays', 'sleep 60', {networking: [{network: 'bridge'}]}))
      await engine.connect(id, network, [])
      await engine.removeAll(gone)
      const [stays] = await engine.observe(mine)
      expect({state: stays?.state, networks: Object.keys(stays?.addresses ?? {})}).toEqual({state: 'running', networks: ['bridge']})
    })

    it('makes forty networks, more than the default pools of Docker hold', async () => {
      const networks = Array.from({length: 40}, (_, index) => `${run}-many-${index}`)
      await Promise.all(networks.map(network => engine.ensureNetwork(network, mine)))
      const {address} = await engine.start(spec('many', 'sleep 60', {networking: [{network: networks[39]!}]}))
      expect(address).toMatch(/^10\./)
    })

    it('reads 300,000 lines without losing one', async () => {
      const lines = (await says('flood', 'seq 1 300000', {keepOutput: 'none'})).trimEnd().split('\n')
      expect(lines).toHaveLength(300_000)
      expect(lines.at(-1)).toBe('300000')
    })

    it('reads on when the restart policy starts the container again', async () => {
      const output = collector()
      const {id} = await engine.start(spec('again', 'sleep 2; date +run-%N; exit 1', {restart: 'always'}), output.take)
      await expect.poll(() => new Set(output.text('stdout').match(/run-\d+/g)).size, {timeout: 60_000}).toBeGreaterThan(1)
      await engine.stop(id, {graceSeconds: 1})
      await output.ended
    })

    it('keeps lines of more than 16 kB whole in its copy', async () => {
      const {id} = await engine.start(spec('long', `perl -e 'print "x" x 50000, "\\n", "short\\n"'`))
      await engine.wait(id)
      const lengths = []
      for await (const {line} of engine.output(id, new Date(0))) lengths.push(line.length)
      expect(lengths).toEqual([50_000, 5])
    })

    const build = async (steps: string[], secrets?: Record<string, Buffer>) => {
      const progress: BuildProgress[] = []
      const id = await engine.build({
        context: tarOf({'deploy/Dockerfile': [`FROM ${image}`, ...steps].join('\n')}),
        dockerfile: 'deploy/Dockerfile',
        args: {GREETING: 'hello'},
        tags: [`${run}:built`],
        labels: mine,
        onProgress: one => progress.push(one),
        ...(secrets && {secrets}),
      })
      return {id, progress}
    }

    it('serves a secret to every step that asks, and leaves it in no layer and no history', async () => {
      const secret = `s3cr3t-${run}`
      const fingerprint = (id: string) =>
        `RUN --mount=type=secret,id=${id} sha256sum /run/secrets/${id} > /${id} && wc -c < /run/secrets/${id}`
      // The pause outlasts BuildKit's look at the session's health, once a second.
      const steps = [`RUN echo ${run} > /not-cached`, fingerprint('token'), 'RUN sleep 3', fingerprint('big')]
      const {progress} = await build(steps, {token: Buffer.from(secret), big: Buffer.alloc(300_000, 65)})
      const lines = progress.flatMap(one => (one.type === 'output' ? one.line : []))
      expect(lines).toEqual([String(secret.length), '300000'])
      const found = await says('search', `grep -rl "s3cr3t-""${run}" /etc /usr /var /run /tmp /root /token /big; cat /token`, {
        image: `${run}:built`,
      })
      expect(found).toMatch(/^[0-9a-f]{64} /)
      expect(JSON.stringify(await engine.image(`${run}:built`))).not.toContain(secret)
    })

    it('fails where a step asks for a secret that was not given', async () => {
      const asking = build([`RUN --mount=type=secret,id=other,required=true echo ${run}`], {token: Buffer.from('x')})
      await expect(asking).rejects.toMatchObject({code: 'build_failed', message: expect.stringContaining('secret other not found')})
    })

    it('tells which step failed and its exit code, and gives each line to its step', async () => {
      const progress: BuildProgress[] = []
      const context = tarOf({Dockerfile: `FROM ${image}\nARG GREETING\nRUN echo "$GREETING ${run}"; printf 'no newline'; exit 7`})
      const request = {context, args: {GREETING: 'hello'}, tags: [], labels: mine, onProgress: (one: BuildProgress) => progress.push(one)}
      await expect(engine.build(request)).rejects.toMatchObject({
        code: 'build_failed',
        exitCode: 7,
        message: expect.stringMatching(/RUN echo/),
      })
      const output = progress.filter(one => one.type === 'output')
      expect(output.map(one => one.line)).toEqual([`hello ${run}`, 'no newline'])
      expect(output.every(one => one.name.includes('RUN echo'))).toBe(true)
      const step = progress.filter(one => one.vertex === output[0]?.vertex).map(one => one.type)
      expect(step).toEqual(['started', 'output', 'output', 'done'])
    })

    it('says which line of a Dockerfile it does not understand', async () => {
      await expect(build(['RUNN echo'])).rejects.toMatchObject({code: 'build_failed', message: expect.stringContaining('RUNN')})
    })

    it('tells steps that came from the cache', async () => {
      const steps = [`RUN echo ${run} > /cached`]
      await build(steps)
      const {progress} = await build(steps)
      expect(progress.some(one => one.type === 'done' && one.cached && one.name.includes('RUN echo'))).toBe(true)
    })
  })
})

describe('without Docker', () => {
  it('says what was tried, and connects all the same', async () => {
    const engine = await connectDocker({env: {DOCKER_HOST: 'unix:///nonexistent/docker.sock'}})
    await expect(engine.ping()).rejects.toMatchObject({code: 'unavailable', message: expect.stringContaining('/nonexistent/docker.sock')})
    await expect(engine.observe({a: 'b'})).rejects.toMatchObject({code: 'unavailable'})
    await engine.close()
  })
})

async function whyNot(): Promise<string | undefined> {
  const engine = await connectDocker()
  try {
    await engine.ping()
    return (await engine.image(image)) === undefined ? `There is no image ${image}.` : undefined
  } catch (error) {
    return String(error)
  } finally {
    await engine.close()
  }
}

function firstLine(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({host, port})
    socket.once('data', data => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.once('error', reject)
  })
}
