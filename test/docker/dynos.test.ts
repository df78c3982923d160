import {randomUUID} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buffer, text} from 'node:stream/consumers'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {launchOf} from '../../src/lib/runtime/dynos/launch.js'
import type {SlugRecord} from '../../src/lib/runtime/slugs/slug-record.js'
import {openStore} from '../../src/lib/runtime/store/store.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {type DynoRuntime, dynoRuntime} from '../support/dyno-runtime.js'
import {eventually} from '../support/eventually.js'
import {tarOf} from '../support/tar-of.js'
import {appId, releaseId} from '../unit/runtime/dynos/support.js'

const home = randomUUID()
const engine = await connectDocker({home})
const directory = mkdtempSync(join(tmpdir(), 'hokku-dynos-'))
const store = await openStore(':memory:')
let image = ''

/** Says `bye` at SIGTERM and ends with 0. */
const polite = `perl -e '$| = 1; $SIG{TERM} = sub { print "bye\\n"; exit 0 }; print "ready\\n"; sleep 1 while 1'`
/** Answers on $PORT. */
const server = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 9, LocalPort => $ENV{PORT}, ReuseAddr => 1) or die; $SIG{TERM} = sub { exit 0 }; while (1) { $c = $s->accept or next; print $c "hello\\n" }'`

beforeAll(async () => {
  const files = {
    'dyno-launch': readFileSync('stacks/launch/dyno-launch', 'utf8'),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for bash, as buildpacks write it
    'b.sh': 'export ORDER="$ORDER b"; export X=${X:-default}\n',
    'a.sh': 'export ORDER=a\n',
    profile: 'export ORDER="$ORDER profile"\n',
    Dockerfile: `FROM debian:13-slim
COPY dyno-launch /usr/local/bin/dyno-launch
COPY a.sh b.sh /app/.profile.d/
COPY profile /app/.profile
RUN chmod 755 /usr/local/bin/dyno-launch && chown -R 1000:1000 /app
WORKDIR /app
`,
  }
  image = await engine.build({
    context: tarOf(files),
    tags: [`hokku-dynos-test:${home.slice(0, 8)}`],
    labels: {[label.home]: home},
    onProgress: () => undefined,
  })
})

afterAll(async () => {
  await engine.removeAll({[label.home]: home})
  if (image !== '') await engine.removeImage(image)
  await engine.close()
  store.close()
  rmSync(directory, {recursive: true, force: true})
})

describe('dyno-launch', () => {
  it.each([
    ['passes an exit status on', 'exit 7', 7, ''],
    ['says what is not there', 'no-such-command', 127, 'bash: line 1: no-such-command: command not found\n'],
    ['tells a signal as 128 + n', 'kill -9 $$', 137, ''],
    ['sources the profile scripts in order, then .profile', 'echo $ORDER $X $PWD', 0, 'a b profile config /app\n'],
    ['runs pipelines', 'seq 5 | tail -n 1', 0, '5\n'],
  ])('%s', async (_claim, command, status, output) => {
    expect(await ran(command)).toEqual({status, output})
  })

  it.each([
    ['one process', polite, 0],
    ['nested shells, as npm start makes them', `sh -c 'exec "$@"; true' x sh -c "$POLITE; true"; true`, 143],
    ['a; b', `${polite}; echo never`, 143],
    ['a pipeline', `${polite} | (trap '' TERM; cat)`, 143],
    ['a trap', `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done`, 0],
  ])('gives a graceful end to %s', async (_form, command, status) => {
    const end = await terminated(command)
    expect(end.output).toContain('bye\n')
    expect(end.output).not.toContain('never')
    expect(end.status).toBe(status)
  })
})

describe('dynos in Docker', () => {
  it('come up, are replaced by a new release, and start again after a crash', async () => {
    await using at = await runtime()
    await at.want({version: 7, formation: {web: 2}, commands: {web: server}})
    expect(await at.dynos.settled(appId, releaseId(7))).toBe(true)
    expect(at.dynos.web(appId).up.map(one => one.dyno)).toEqual(['web.1', 'web.2'])
    const before = at.dynos.web(appId).up
    await at.want({version: 8, formation: {web: 2}, commands: {web: server}})
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(true)
    await eventually(() =>
      expect(at.dynos.list(appId).map(one => `${one.name} ${one.release.version} ${one.state}`)).toEqual(['web.1 8 up', 'web.2 8 up']),
    )
    expect(at.dynos.web(appId).up).not.toEqual(before)
    await eventually(async () =>
      expect(await at.lines()).toEqual(expect.arrayContaining([expect.stringContaining('Process exited with status 0')])),
    )
    const [container] = await engine.observe({[label.home]: home, [label.dyno]: 'web.1'})
    await engine.kill(container?.id ?? '', 'SIGKILL')
    await eventually(async () => expect((await at.lines()).join('\n')).toContain('heroku[web.1]: State changed from crashed to starting'))
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(true)
    await at.dynos.removeApp(appId)
    expect(await engine.observe({[label.home]: home, [label.app]: appId})).toEqual([])
  })

  it('outlive the runtime, and lose or double no line of output', async () => {
    const count = `n=0; while :; do n=$((n+1)); echo line $n; sleep 0.005; done`
    {
      await using first = await runtime()
      await first.want({version: 8, formation: {worker: 1}, commands: {worker: count}})
      await eventually(async () => expect((await first.lines()).length).toBeGreaterThan(100))
    }
    const [left] = await engine.observe({[label.home]: home, [label.dyno]: 'worker.1'})
    await systemClock.sleep(700)
    await using second = await runtime()
    await second.want({version: 8, formation: {worker: 1}, commands: {worker: count}})
    const known = (await second.lines()).length
    await eventually(async () => expect((await second.lines()).length).toBeGreaterThan(known + 100))
    const [now] = await engine.observe({[label.home]: home, [label.dyno]: 'worker.1'})
    expect(now?.id).toBe(left?.id)
    const numbers = (await second.lines()).flatMap(line => /app\[worker\.1\]: line (\d+)/.exec(line)?.[1] ?? []).map(Number)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index))
    await second.dynos.removeApp(appId)
  })

  it('run one-off with a terminal where Ctrl-C ends the foreground process only', async () => {
    await using at = await runtime()
    await at.want({version: 8, formation: {}})
    const tty = {columns: 91, rows: 37}
    const {secret, ended} = await at.dynos.runOneOff({
      appId,
      command: 'bash --norc',
      attach: {tty},
      env: {TERM: 'xterm'},
      user: 'me',
      log: false,
    })
    const {stream, resize} = at.dynos.claim(secret ?? '') ?? {}
    let screen = ''
    stream?.on('data', data => {
      screen += String(data)
    })
    const types = async (line: string, seen: string | RegExp): Promise<void> => {
      stream?.write(line)
      await eventually(() => expect(screen).toMatch(seen))
    }
    await types('stty size\r', '37 91')
    await resize?.({columns: 50, rows: 20})
    await types('stty size\r', '20 50')
    await types('sleep 1000\r', 'sleep 1000')
    await systemClock.sleep(300)
    await types('\u0003', /\^C/)
    await types('echo ended with $?\r', 'ended with 130')
    stream?.write('exit 6\r')
    expect(await ended).toBe(6)
  })

  it('get SIGHUP in every process when the client of a one-off goes away', async () => {
    await using at = await runtime()
    await at.want({version: 8, formation: {}})
    const {secret, ended} = await at.dynos.runOneOff({appId, command: 'sleep 1000; true', attach: {tty: undefined}, user: 'me', log: false})
    const attached = at.dynos.claim(secret ?? '')
    await eventually(() => expect(at.dynos.list(appId)[0]?.state).toBe('up'))
    attached?.stream.destroy()
    expect(await ended).toBe(129)
  })

  it('run a command inside a dyno', async () => {
    await using at = await runtime()
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: polite}})
    const {secret} = await at.dynos.runInside(appId, 'worker.1', 'echo $DYNO $ORDER; exit 4', {env: {}, tty: undefined})
    const attached = at.dynos.claim(secret)
    expect(await text(attached!.stream)).toBe('worker.1 a b profile\n')
    expect(await attached?.ended).toBe(4)
    await at.dynos.removeApp(appId)
  })

  it('read how much memory they have where buildpacks look for it', async () => {
    await using at = await runtime()
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: polite}, size: 'Standard-2X'})
    const read = 'cat /sys/fs/cgroup/memory.max 2> /dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes'
    const {secret} = await at.dynos.runInside(appId, 'worker.1', read, {env: {}, tty: undefined})
    expect(await text(at.dynos.claim(secret)!.stream)).toBe(`${1024 ** 3}\n`)
    await at.dynos.removeApp(appId)
  })

  it('hand out their files, also those that links point to, and nothing else', async () => {
    await using at = await runtime()
    const command = 'head -c 3000000 /dev/zero > zeros; ln -s zeros link; ln -s /app/link /tmp/link; echo made; sleep 60'
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: command}})
    await eventually(async () => expect((await at.lines()).join()).toContain('app[worker.1]: made'))
    const read = async (path: string): Promise<string> => {
      const {bytes, content} = await at.dynos.readFile(appId, 'worker.1', path)
      const all = await buffer(content)
      expect(all.length).toBe(bytes)
      return `${bytes} ${all.every(byte => byte === 0)}`
    }
    for (const path of ['zeros', './zeros', '/app/zeros', '/tmp/link']) expect(await read(path)).toBe('3000000 true')
    await expect(read('nothing')).rejects.toThrow('There is no file /app/nothing in that dyno.')
    await expect(read('/tmp')).rejects.toThrow('/tmp is a directory, not a file.')
    await expect(at.dynos.readFile(appId, 'web.9', 'zeros')).rejects.toMatchObject({id: 'not_found'})
    await at.dynos.removeApp(appId)
  })

  it.each([
    ['everybody', '0.0.0.0'],
    ['themselves alone', '127.0.0.1'],
  ])('can be connected to on a port that is open to %s', async (_who, host) => {
    await using at = await runtime()
    const echo = `perl -MIO::Socket::INET -e '$| = 1; $s = IO::Socket::INET->new(Listen => 9, LocalHost => "${host}", LocalPort => 7777) or die; print "open\\n"; while ($c = $s->accept) { if (!fork) { while (<$c>) { print $c "you said $_" } exit 0 } close $c }'`
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: echo}})
    await eventually(async () => expect((await at.lines()).join()).toContain('app[worker.1]: open'))
    const streams = await Promise.all([1, 2].map(() => at.dynos.openPort(appId, 'worker.1', 7777)))
    const said = await Promise.all(
      streams.map(async (stream, index) => {
        stream.end(`one ${index}\n${'x'.repeat(200_000)}\n`)
        return await text(stream)
      }),
    )
    expect(said).toEqual([0, 1].map(index => `you said one ${index}\nyou said ${'x'.repeat(200_000)}\n`))
    expect(await text(await at.dynos.openPort(appId, 'worker.1', 7778))).toBe('')
    await at.dynos.removeApp(appId)
  })
})

async function ran(command: string): Promise<{status: number; output: string}> {
  const chunks: Buffer[] = []
  let read: () => void = () => undefined
  const all = new Promise<void>(done => (read = done))
  const {id} = await engine.start(spec(command), chunk => (chunk === undefined ? read() : chunks.push(chunk.data)))
  const status = await engine.wait(id)
  await all
  await engine.remove(id)
  return {status, output: Buffer.concat(chunks).toString()}
}

async function terminated(command: string): Promise<{status: number; output: string}> {
  const chunks: Buffer[] = []
  let read: () => void = () => undefined
  const all = new Promise<void>(done => (read = done))
  const {id} = await engine.start(spec(command), chunk => (chunk === undefined ? read() : chunks.push(chunk.data)))
  await eventually(() => expect(Buffer.concat(chunks).toString()).toContain('ready'))
  await engine.kill(id, 'SIGTERM')
  const status = await engine.wait(id)
  await all
  await engine.remove(id)
  return {status, output: Buffer.concat(chunks).toString()}
}

function spec(command: string): Parameters<Engine['start']>[0] {
  return {
    name: `hokku-${home.slice(0, 8)}-${randomUUID().slice(0, 8)}`,
    entrypoint: [],
    ...launchOf({image} as SlugRecord, {type: 'run', command}),
    env: {HOME: '/app', PATH: '/usr/local/bin:/usr/bin:/bin', X: 'config', POLITE: polite},
    labels: {[label.home]: home},
    networking: 'none',
    restart: 'never',
    keepOutput: 'none',
  }
}

const runtime = (): Promise<DynoRuntime> => dynoRuntime({home, store, directory, image: () => image})
