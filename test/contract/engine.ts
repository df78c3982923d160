import {Readable} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {
  type BuildProgress,
  type ContainerSpec,
  type Engine,
  EngineError,
  type EngineEvent,
  type OutputChunk,
} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import type {Time} from '../../src/lib/engine/memory/time.js'
import {tarOf} from '../support/tar-of.js'

/** One implementation under test. Every name and label begins with `run`, so that runs do not meet. */
export interface EngineUnderTest {
  engine: Engine
  run: string
  image: string
  /** How time passes for its containers. What a test waits for in them passes with it; what only guards a test is real. */
  time: Time
  /** Shell words that differ: accept TCP connections on a port; succeed when a connection is accepted. */
  listen(port: number): string
  reach(address: string, port: number): string
}

const second = 1_000

/** What every engine promises. Commands are the few shell words both a real and a scripted container understand. */
export function engineContract(name: string, make: () => Promise<EngineUnderTest>): void {
  describe(`${name} as an engine`, () => {
    let under: EngineUnderTest
    let engine: Engine
    let mine: Record<string, string>

    beforeAll(async () => {
      under = await make()
      engine = under.engine
      mine = {'hokku.test-run': under.run}
    })
    afterEach(() => engine.removeAll(mine))
    afterAll(async () => {
      for (const image of await engine.images(mine)) await engine.removeImage(image.id)
      await engine.close()
    })

    const spec = (suffix: string, command: string | string[], more: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: `${under.run}.${suffix}`,
      image: under.image,
      command: typeof command === 'string' ? ['sh', '-c', command] : command,
      env: {},
      labels: mine,
      networking: 'none',
      restart: 'never',
      keepOutput: 'copy',
      ...more,
    })

    /** Runs it to its end and returns what it said. */
    const runToEnd = async (suffix: string, command: string, more: Partial<ContainerSpec> = {}) => {
      const output = collector()
      const {id} = await engine.start(spec(suffix, command, more), output.take)
      const exitCode = await engine.wait(id)
      await output.ended
      return {id, exitCode, stdout: output.text('stdout'), stderr: output.text('stderr')}
    }

    /** Starts what says `ready` when its traps are set. */
    const startReady = async (suffix: string, command: string, more: Partial<ContainerSpec> = {}) => {
      const output = collector()
      const {id} = await engine.start(spec(suffix, command, more), output.take)
      await output.saying('ready')
      return id
    }

    /** Aborts when that much of the containers' time has passed. */
    const passed = (ms: number): AbortSignal => {
      const controller = new AbortController()
      void under.time.sleep(ms).then(() => controller.abort(new DOMException('time is up', 'TimeoutError')))
      return controller.signal
    }

    const only = async () => {
      const all = await engine.observe(mine)
      expect(all).toHaveLength(1)
      return all[0]!
    }

    it('tells where it answers, its version and its time', async () => {
      const {url, source, version, clock} = await engine.diagnose()
      expect({url, source, version}).toEqual({
        url: expect.stringMatching(/:/),
        source: expect.any(String),
        version: (await engine.ping()).version,
      })
      expect(Math.abs((clock as Date).getTime() - under.time.now().getTime())).toBeLessThan(60 * second)
    })

    describe('starting', () => {
      it('returns the container that runs when the same spec is started again', async () => {
        const first = await engine.start(spec('again', 'sleep 60'))
        const second = await engine.start(spec('again', 'sleep 60'))
        expect(second.id).toBe(first.id)
        expect(await engine.observe(mine)).toHaveLength(1)
      })

      it('makes one container when the same spec is started twice at once', async () => {
        const [first, second] = await Promise.all([engine.start(spec('twice', 'sleep 60')), engine.start(spec('twice', 'sleep 60'))])
        expect(second.id).toBe(first.id)
      })

      it('replaces a container of that name whose spec differs', async () => {
        const first = await engine.start(spec('other', 'sleep 60'))
        const second = await engine.start(spec('other', 'sleep 61'))
        expect(second.id).not.toBe(first.id)
        expect((await only()).id).toBe(second.id)
      })

      it('replaces a container of that name that has ended', async () => {
        const first = await runToEnd('ended', 'exit 0')
        const second = await runToEnd('ended', 'exit 0')
        expect(second.id).not.toBe(first.id)
        expect((await only()).id).toBe(second.id)
      })

      it.each([
        ['that is not there', '/nonexistent/program', 127],
        ['that is no program', '/etc/passwd', 126],
      ])('refuses a command %s and leaves the container exited', async (_what, command, exitCode) => {
        const output = collector()
        const events = until(engine.events(mine, timeout(60 * second)), event => event.type === 'die')
        const failure = await engine.start(spec('missing', [command]), output.take).catch(error => error)
        expect(failure).toBeInstanceOf(EngineError)
        expect(failure).toMatchObject({code: 'exec_failed', exitCode})
        expect(await only()).toMatchObject({state: 'exited', exitCode})
        expect((await events)?.at(-1)).toMatchObject({type: 'die', exitCode})
        await output.ended
      })

      it('says not_found when the image is not there', async () => {
        await expect(engine.start(spec('noimage', 'exit 0', {image: 'hokku-no-such-image:none'}))).rejects.toMatchObject({
          code: 'not_found',
        })
        expect(await engine.observe(mine)).toEqual([])
      })

      it('passes env and labels, and adds the hash of the spec', async () => {
        const {stdout} = await runToEnd('env', 'echo "$GREETING"; printenv EMPTY', {
          env: {GREETING: 'a b=c', EMPTY: ''},
          labels: {...mine, extra: 'yes'},
        })
        expect(stdout).toBe('a b=c\n\n')
        const container = await only()
        expect(container.labels).toMatchObject({...mine, extra: 'yes'})
        expect(container.labels[label.spec]).toMatch(/^[0-9a-f]{32}$/)
      })

      it('brings a container back that ends though its restart policy is always', async () => {
        const {id} = await engine.start(spec('always', 'sleep 0.2; exit 1', {restart: 'always'}))
        const heard = await until(engine.events(mine, timeout(60 * second)), event => event.type === 'start')
        expect(heard?.at(-1)).toMatchObject({type: 'start', id})
        const died = heard?.some(event => event.type === 'die' && event.exitCode === 1)
        expect(died).toBe(true)
      })
    })

    describe('output', () => {
      it('delivers every line of a container that writes 100,000 and exits at once', async () => {
        const {stdout, exitCode} = await runToEnd('flood', 'seq 1 100000; exit 7', {keepOutput: 'none'})
        expect(exitCode).toBe(7)
        const lines = stdout.split('\n')
        expect(lines).toHaveLength(100_001)
        expect(lines.every((line, index) => index === 100_000 || line === String(index + 1))).toBe(true)
      })

      it('keeps stdout and stderr apart', async () => {
        const {stdout, stderr} = await runToEnd('apart', 'echo out; echo err >&2; printf tail')
        expect(stdout).toBe('out\ntail')
        expect(stderr).toBe('err\n')
      })

      it('reads on from now when attached later', async () => {
        const first = collector()
        const {id} = await engine.start(spec('late', 'echo before; sleep 1; echo later'), first.take)
        await first.saying('before')
        const output = collector()
        await engine.attach(id, output.take)
        await output.ended
        expect(output.text('stdout')).toBe('later\n')
        await first.ended
        expect(first.text('stdout')).toBe('before\nlater\n')
      })

      it('has a copy of the output, each line with its time', async () => {
        const now = under.time.now().getTime()
        const before = new Date(now - 60 * second)
        const {id} = await runToEnd('copy', 'echo one; echo two; printf tail')
        const lines = []
        for await (const line of engine.output(id, before)) lines.push(line)
        expect(lines.map(({line}) => line.toString())).toEqual(['one', 'two', 'tail'])
        expect(lines.every(({at, stream}) => at > before && stream === 'stdout')).toBe(true)
        const none = []
        for await (const line of engine.output(id, new Date(now + 60 * second))) none.push(line)
        expect(none).toEqual([])
      })
    })

    describe('ending', () => {
      it('stops with SIGTERM within the grace period', async () => {
        const id = await startReady('term', `trap "exit 9" TERM; echo ready; ${patiently(60)}`)
        await engine.stop(id, {graceSeconds: 30})
        expect(await only()).toMatchObject({state: 'exited', exitCode: 9})
      })

      it('sends the stop signal of the spec instead', async () => {
        const id = await startReady('int', `trap "exit 10" INT; echo ready; ${patiently(60)}`, {stopSignal: 'SIGINT'})
        await engine.stop(id, {graceSeconds: 30})
        expect(await only()).toMatchObject({state: 'exited', exitCode: 10})
      })

      it('kills what ignores SIGTERM after the grace period', async () => {
        const id = await startReady('deaf', `trap "" TERM; echo ready; ${patiently(60)}`)
        const begun = under.time.now().getTime()
        await engine.stop(id, {graceSeconds: 1})
        expect(under.time.now().getTime() - begun).toBeGreaterThanOrEqual(second * 0.9)
        expect(await only()).toMatchObject({state: 'exited', exitCode: 137})
      })

      it('takes stopping, killing and removing what is gone or ended as success', async () => {
        const {id} = await runToEnd('gone', 'exit 0')
        await engine.stop(id, {graceSeconds: 1})
        await engine.kill(id, 'SIGTERM')
        await engine.remove(id)
        await engine.remove(id)
        await engine.stop(id, {graceSeconds: 1})
        await engine.kill(id, 'SIGKILL')
        expect(await engine.observe(mine)).toEqual([])
      })

      it('sends any signal', async () => {
        const id = await startReady('usr1', `trap "exit 11" USR1; echo ready; ${patiently(60)}`)
        await engine.kill(id, 'SIGUSR1')
        expect(await engine.wait(id)).toBe(11)
      })

      it('waits for the exit code before and after the end', async () => {
        const {id} = await engine.start(spec('wait', 'sleep 0.3; exit 5'))
        expect(await engine.wait(id)).toBe(5)
        expect(await engine.wait(id)).toBe(5)
      })

      it('stops waiting when the signal aborts', async () => {
        const {id} = await engine.start(spec('abort', 'sleep 60'))
        await expect(engine.wait(id, passed(100))).rejects.toMatchObject({code: 'canceled'})
      })

      it('says not_found when it waits for what never was', async () => {
        await expect(engine.wait(`${under.run}-never`)).rejects.toMatchObject({code: 'not_found'})
      })
    })

    describe('observing', () => {
      it('finds containers that carry all the labels, whatever their state', async () => {
        await runToEnd('one', 'sleep 0.2; exit 3', {labels: {...mine, part: 'a'}})
        await engine.start(spec('two', 'sleep 60', {labels: {...mine, part: 'b'}}))
        expect(names(await engine.observe(mine))).toEqual([`${under.run}.one`, `${under.run}.two`])
        const [one] = await engine.observe({...mine, part: 'a'})
        expect(one).toMatchObject({name: `${under.run}.one`, state: 'exited', exitCode: 3})
        expect(one?.finishedAt?.getTime()).toBeGreaterThanOrEqual(one?.startedAt?.getTime() ?? Number.NaN)
        const [two] = await engine.observe({...mine, part: 'b'})
        expect(two).toMatchObject({state: 'running'})
        expect(two?.exitCode).toBeUndefined()
        expect(two?.finishedAt).toBeUndefined()
        expect(await engine.observe({...mine, part: 'c'})).toEqual([])
      })

      it('tells of start, die with its exit code, and destroy, from the call on and only for those labels', async () => {
        const stop = new AbortController()
        const heard = until(engine.events({...mine, part: 'a'}, stop.signal), event => event.type === 'destroy')
        await runToEnd('quiet', 'exit 1', {labels: {...mine, part: 'b'}})
        const {id} = await runToEnd('loud', 'exit 4', {labels: {...mine, part: 'a'}})
        await engine.remove(id)
        // That a container of whatever labels leaves a network is told to everybody.
        const events = (await heard)!.filter(event => event.type !== 'cut')
        stop.abort()
        expect(events.map(event => event.type)).toEqual(['start', 'die', 'destroy'])
        expect(events[1]).toMatchObject({type: 'die', id, name: `${under.run}.loud`, exitCode: 4, labels: {part: 'a'}})
      })

      it('tells of a container that leaves a network while it runs', async () => {
        const network = `${under.run}-cut`
        await engine.ensureNetwork(network, mine)
        const signal = timeout(30 * second)
        const events = engine.events(mine, signal)
        const {id} = await engine.start(spec('cut', 'sleep 60', {networking: [{network}]}))
        await engine.disconnect(id, network)
        let cut = false
        for await (const event of events) {
          cut = event.type === 'cut' && event.id === id
          if (cut) break
        }
        expect(cut).toBe(true)
        await engine.resume(id)
      })

      it('freezes a container and lets it go on, also twice, and also when it is gone', async () => {
        const {id} = await engine.start(spec('frozen', 'sleep 60'))
        for (const _ of [1, 2]) await engine.pause(id)
        expect((await only()).state).toBe('paused')
        for (const _ of [1, 2]) await engine.resume(id)
        expect((await only()).state).toBe('running')
        await engine.stop(id, {graceSeconds: 1})
        await engine.pause(id)
        expect((await only()).state).toBe('exited')
        await engine.remove(id)
        await engine.pause(id)
        await engine.resume(id)
      })

      it('ends the events when the signal aborts', async () => {
        const heard = until(engine.events(mine, passed(100)), () => false)
        expect(await heard).toBeUndefined()
      })

      it('measures a running container', async () => {
        const {id} = await engine.start(spec('usage', 'sleep 60', {limits: {memoryBytes: 64 * 2 ** 20, cpuShares: 1, pids: 64}}))
        for await (const usage of engine.usage(id, timeout(60 * second))) {
          expect(usage.memoryLimitBytes).toBe(64 * 2 ** 20)
          expect(usage.memoryBytes).toBeGreaterThan(0)
          expect(usage.memoryBytes).toBeLessThan(64 * 2 ** 20)
          expect(usage.pids).toBeGreaterThan(0)
          return
        }
        expect.unreachable('no reading came')
      })

      it('removes everything with its labels and nothing else', async () => {
        await engine.ensureNetwork(`${under.run}-net`, {...mine, part: 'a'})
        await engine.ensureVolume(`${under.run}-vol`, {...mine, part: 'a'})
        const networking = [{network: `${under.run}-net`}]
        await engine.start(spec('inside', 'sleep 60', {labels: {...mine, part: 'a'}, networking}))
        await engine.start(spec('outside', 'sleep 60', {labels: {...mine, part: 'b'}}))
        await engine.removeAll({...mine, part: 'a'})
        await engine.removeAll({...mine, part: 'a'})
        expect(names(await engine.observe(mine))).toEqual([`${under.run}.outside`])
        await expect(engine.start(spec('inside', 'exit 0', {networking}))).rejects.toMatchObject({code: 'not_found'})
      })

      it('refuses to remove everything there is', async () => {
        await expect(engine.removeAll({})).rejects.toBeInstanceOf(EngineError)
      })
    })

    describe('commands inside', () => {
      it('returns what a command said and how it ended', async () => {
        const {id} = await engine.start(spec('exec', 'sleep 60'))
        const result = await engine.exec(id, ['sh', '-c', 'cat; echo "$WHO"; echo err >&2; exit 3'], {
          stdin: Buffer.from('in\n'),
          env: {WHO: 'me'},
        })
        expect(result.exitCode).toBe(3)
        expect(result.stdout.toString()).toBe('in\nme\n')
        expect(result.stderr.toString()).toBe('err\n')
      })

      it('hands over files of a container', async () => {
        const {id} = await engine.start(spec('files', 'echo from inside > /tmp/note; echo written; sleep 60'))
        const bytes = (path: string) =>
          engine.containerTree(id, path, async tar => {
            const parts: Buffer[] = []
            for await (const part of tar) parts.push(part as Buffer)
            return Buffer.concat(parts).toString('latin1')
          })
        await eventually(async () => (await bytes('/tmp/note'))?.includes('from inside') === true)
        expect(await bytes('/tmp/nothing')).toBeUndefined()
      })

      it('gives a command a terminal, its size and its exit code', async () => {
        const {id} = await engine.start(spec('execterm', 'sleep 60'))
        const session = await engine.execAttached(id, ['sh', '-c', 'read go; stty size; exit 6'], {tty: {columns: 90, rows: 20}})
        const said = textOf(session.stream)
        session.stream.write('go\n')
        expect(await session.ended).toBe(6)
        expect(await said).toContain('20 90')
      })

      it('says not_found where there is no container', async () => {
        await expect(engine.exec(`${under.run}-never`, ['true'])).rejects.toMatchObject({code: 'not_found'})
      })
    })

    describe('attached containers', () => {
      it('have a terminal of the size asked for, resized on demand, and an exit code', async () => {
        const tty = {columns: 100, rows: 30}
        const {id, session} = await engine.startAttached(
          spec('term', 'read a; stty size; read b; stty size; exit 5', {tty, stdin: true, keepOutput: 'none'}),
        )
        const said = textOf(session.stream)
        session.stream.write('one\n')
        await under.time.sleep(second * 0.3)
        await session.resize({columns: 77, rows: 22})
        session.stream.write('two\n')
        expect(await session.ended).toBe(5)
        expect(await said).toMatch(/30 100[\s\S]*22 77/)
        expect(await engine.wait(id)).toBe(5)
      })

      it('see the end of stdin without a terminal', async () => {
        const {session} = await engine.startAttached(spec('pipe', 'cat; echo done; exit 6', {stdin: true, keepOutput: 'none'}))
        const said = textOf(session.stream)
        session.stream.end('line\n')
        expect(await session.ended).toBe(6)
        expect(await said).toBe('line\ndone\n')
      })

      it('lose nothing that was said before anybody read', async () => {
        const {session} = await engine.startAttached(spec('early', 'seq 1 2000', {stdin: true, keepOutput: 'none'}))
        await under.time.sleep(second * 0.2)
        expect((await textOf(session.stream)).trim().split('\n')).toHaveLength(2000)
      })
    })

    describe('networks and volumes', () => {
      it('let containers of one network find each other by alias, and keep two networks apart', async () => {
        const [ours, theirs] = [`${under.run}-ours`, `${under.run}-theirs`]
        for (const network of [ours, theirs, ours]) await engine.ensureNetwork(network, mine)
        const server = await engine.start(spec('server', under.listen(4000), {networking: [{network: ours, aliases: ['db.internal']}]}))
        await eventually(() => engine.listening(server, 4000))
        expect(await engine.listening(server, 4001)).toBe(false)
        const near = await runToEnd('near', `getent hosts db.internal && ${under.reach(server.address!, 4000)}`, {
          networking: [{network: ours}],
        })
        expect(near.exitCode).toBe(0)
        expect(near.stdout).toContain(server.address)
        const far = await runToEnd('far', `getent hosts db.internal`, {networking: [{network: theirs}]})
        expect(far.exitCode).toBe(2)
        const away = await runToEnd('away', under.reach(server.address!, 4000), {networking: [{network: theirs}]})
        expect(away.exitCode).not.toBe(0)
      })

      it('joins and leaves a network while it runs', async () => {
        const [one, two] = [`${under.run}-one`, `${under.run}-two`]
        for (const network of [one, two]) await engine.ensureNetwork(network, mine)
        const {id} = await engine.start(spec('roamer', 'sleep 60', {networking: [{network: one}]}))
        await engine.connect(id, two, ['roamer'])
        await engine.connect(id, two, ['roamer'])
        expect(Object.keys((await only()).addresses).sort()).toEqual([one, two])
        await engine.disconnect(id, two)
        await engine.disconnect(id, two)
        expect(Object.keys((await only()).addresses)).toEqual([one])
      })

      it('joins all networks of the spec before it starts', async () => {
        const [one, two] = [`${under.run}-one`, `${under.run}-two`]
        for (const network of [one, two]) await engine.ensureNetwork(network, mine)
        const {address} = await engine.start(spec('both', 'sleep 60', {networking: [{network: one}, {network: two}]}))
        const {addresses} = await only()
        expect(Object.keys(addresses).sort()).toEqual([one, two])
        expect(address).toBe(addresses[one])
      })

      it('keeps what is in a volume when containers come and go', async () => {
        const volume = `${under.run}-data`
        await engine.ensureVolume(volume, mine)
        await engine.ensureVolume(volume, mine)
        const mounts = [{type: 'volume', volume, target: '/data'} as const]
        const {id} = await runToEnd('writer', 'echo kept > /data/note', {mounts})
        await engine.remove(id)
        expect((await runToEnd('reader', 'cat /data/note', {mounts})).stdout).toBe('kept\n')
      })

      it('hands over what is in a volume, and fills another with it', async () => {
        const [from, to] = [`${under.run}-from`, `${under.run}-to`]
        for (const volume of [from, to]) await engine.ensureVolume(volume, mine)
        const mounted = (volume: string) => ({mounts: [{type: 'volume', volume, target: '/data'} as const]})
        const {id} = await runToEnd('writer', 'echo kept > /data/note', mounted(from))
        await engine.remove(id)
        await engine.volumeTree(from, under.image, tar => engine.fillVolume(to, under.image, tar))
        expect((await runToEnd('reader', 'cat /data/note', mounted(to))).stdout).toBe('kept\n')
        expect(names(await engine.observe(mine))).toEqual([`${under.run}.reader`])
        expect(await engine.volumeTree(`${under.run}-nowhere`, under.image, async () => 'taken')).toBeUndefined()
        const broken = Readable.from(brokenTar())
        await expect(engine.fillVolume(to, under.image, broken)).rejects.toThrow('broken off')
      })

      it('publishes a port, tells which, and says port_taken for one that is taken', async () => {
        const networking = [{network: `${under.run}-net`}]
        await engine.ensureNetwork(`${under.run}-net`, mine)
        const first = await engine.start(spec('public', under.listen(4000), {networking, publish: [{containerPort: 4000}]}))
        await eventually(() => engine.listening(first, 4000))
        const hostPort = (await only()).ports[4000]!
        expect(hostPort).toBeGreaterThan(1023)
        const second = engine.start(spec('rival', 'sleep 60', {networking, publish: [{containerPort: 4000, hostPort}]}))
        await expect(second).rejects.toMatchObject({code: 'port_taken'})
        expect(names(await engine.observe(mine))).toEqual([`${under.run}.public`])
      })
    })

    describe('images', () => {
      const dockerfile = (...lines: string[]) => [`FROM ${under.image}`, ...lines].join('\n')

      const build = async (text: string, more: Partial<Parameters<Engine['build']>[0]> = {}) => {
        const progress: BuildProgress[] = []
        const context = tarOf({Dockerfile: text, note: 'from the context'})
        const id = await engine.build({context, tags: [`${under.run}:built`], labels: mine, onProgress: one => progress.push(one), ...more})
        return {id, progress}
      }

      it('builds, tags, labels and removes', async () => {
        const {id, progress} = await build(dockerfile('COPY note /note'))
        expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
        expect(await engine.image(`${under.run}:built`)).toMatchObject({id, labels: mine})
        expect(progress.some(one => one.type === 'started')).toBe(true)
        expect(progress.some(one => one.type === 'done')).toBe(true)
        await engine.tag(id, `${under.run}:again`)
        expect((await engine.image(id))?.tags.sort()).toEqual([`${under.run}:again`, `${under.run}:built`])
        expect((await engine.images(mine)).map(image => image.id)).toEqual([id])
        await engine.removeImage(`${under.run}:again`)
        expect((await engine.image(id))?.tags).toEqual([`${under.run}:built`])
        await engine.removeImage(id)
        await engine.removeImage(id)
        expect(await engine.image(`${under.run}:built`)).toBeUndefined()
      })

      it('reads a file of an image, and leaves no container', async () => {
        const before = new Date()
        const {id} = await build(dockerfile('COPY note /note'))
        expect((await engine.imageFile(id, '/note'))?.toString()).toBe('from the context')
        expect(await engine.imageFile(id, '/no/such/file')).toBeUndefined()
        expect(await engine.imageFile(id, '/')).toBeUndefined()
        await expect(engine.imageFile('hokku-no-such-image:none', '/note')).rejects.toMatchObject({code: 'not_found'})
        expect(await engine.gzippedSize(id, '/no/such/folder', timeout(10 * second))).toBe(0)
        expect((await engine.observe({[label.kind]: 'reader'})).filter(reader => reader.createdAt > before)).toEqual([])
      })

      it('hands over a tree of an image', async () => {
        const {id} = await build(dockerfile('COPY note /tree/in/note'))
        const names = async (tar: AsyncIterable<Buffer>) => {
          const bytes: Buffer[] = []
          for await (const part of tar) bytes.push(part)
          return Buffer.concat(bytes).toString('latin1').includes('in/note')
        }
        expect(await engine.imageTree(id, '/tree/in', names)).toBe(true)
        expect(await engine.imageTree(id, '/nothing', names)).toBeUndefined()
      })

      it('hands over images, and makes them again of that, under their ids and tags', async () => {
        const {id} = await build(dockerfile('COPY note /note'))
        const tar = await engine.saveImages([id], buffer)
        await engine.removeImage(id)
        expect(await engine.image(id)).toBeUndefined()
        for (const _ of [1, 2]) await engine.loadImages(Readable.from([tar]))
        expect(await engine.image(id)).toMatchObject({id, labels: mine, tags: [`${under.run}:built`]})
        expect((await engine.imageFile(id, '/note'))?.toString()).toBe('from the context')
        await expect(engine.saveImages([id, 'hokku-no-such-image:none'], buffer)).rejects.toMatchObject({code: 'not_found'})
        await expect(engine.loadImages(Readable.from(brokenTar()))).rejects.toThrow('broken off')
      })

      it('stops a build when the signal aborts', async () => {
        const signal = passed(second)
        await expect(build(dockerfile(`RUN echo ${under.run}; sleep 120`), {signal})).rejects.toMatchObject({code: 'canceled'})
      })

      it('says pull_failed for what no registry has', async () => {
        await expect(engine.pull('hokku-no-such-image:none', () => undefined)).rejects.toMatchObject({code: 'pull_failed'})
      })
    })
  })
}

export interface Collector {
  take(chunk: OutputChunk | undefined): void
  ended: Promise<void>
  text(stream: 'stdout' | 'stderr'): string
  /** Resolves when stdout has that text. */
  saying(text: string): Promise<void>
}

/** Takes output and tells when it has ended; a second end is an error. */
export function collector(): Collector {
  const chunks: OutputChunk[] = []
  let end: () => void = () => undefined
  let ends = 0
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const text = (stream: 'stdout' | 'stderr') =>
    Buffer.concat(chunks.flatMap(chunk => (chunk.stream === stream ? chunk.data : []))).toString()
  return {
    ended,
    take(chunk) {
      if (chunk !== undefined) chunks.push({stream: chunk.stream, data: Buffer.from(chunk.data)})
      else if (++ends > 1) throw new Error('The output ended twice.')
      else end()
    },
    text,
    saying: wanted => eventually(async () => text('stdout').includes(wanted)),
  }
}

/** Events up to the one that fits; undefined when they end before. */
async function until(events: AsyncIterable<EngineEvent>, fits: (event: EngineEvent) => boolean): Promise<EngineEvent[] | undefined> {
  const heard: EngineEvent[] = []
  for await (const event of events) {
    if (event.type === 'oom' || event.type === 'resync') continue
    heard.push(event)
    if (fits(event)) return heard
  }
  return undefined
}

/** Breaks off after the first header. */
async function* brokenTar(): AsyncGenerator<Buffer> {
  for await (const header of tarOf({'volume/half': 'a'.repeat(1000)})) {
    yield header as Buffer
    await sleep(50)
    throw new Error('broken off')
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const data of stream) text += data.toString()
  return text
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30 * second; Date.now() < deadline; await sleep(50)) if (await holds()) return
  throw new Error('It did not come to hold within 30 s.')
}

/** A shell runs its traps between commands, so a long sleep is many short ones. */
function patiently(seconds: number): string {
  return Array.from({length: seconds * 5}, () => 'sleep 0.2').join('; ')
}

function names(containers: {name: string}[]): string[] {
  return containers.map(container => container.name).sort()
}

/** Like AbortSignal.timeout, which Node may forget while only a combined signal refers to it. */
function timeout(ms: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new DOMException('time is up', 'TimeoutError')), ms).unref()
  return controller.signal
}
