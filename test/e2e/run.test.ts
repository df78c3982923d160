import {spawn} from 'node:child_process'
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ask} from '../support/ask.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('hokku run', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    const flood = `for (let n = 0; n < 100000; n++) console.log('line ' + n)\n`
    folder = await world.deployed('demo-run', {
      'package.json': nodeManifest(),
      Procfile: 'flood: node flood.js\ntool: node --inspect tool.js\n',
      'flood.js': flood,
      'tool.js': 'setInterval(() => undefined, 1000)\n',
    })
    await world.ok(['config:set', 'GREETING=hello $x "y"'], folder)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('gives the exit code, and nothing but the output on stdout', async () => {
    const {exitCode, stdout, stderr} = await world.hokku(['run', 'echo "$GREETING"; exit 7'], folder)
    expect([exitCode, stdout]).toEqual([7, 'hello $x "y"\n'])
    expect(stderr).toMatch(/Running .* on demo-run\.\.\. up, run\.\d{1,4}\n/)
  })

  it('passes a pipe through, to its end', async () => {
    const input = 'b\na\nc\n'.repeat(10_000)
    const {exitCode, stdout} = await world.hokku(['run', '--', 'sort', '-u'], folder, {stdin: input})
    expect([exitCode, stdout]).toEqual([0, 'a\nb\nc\n'])
  })

  it('keeps every word of the command as it was typed', async () => {
    const {stdout} = await world.hokku(
      ['run', 'node', '-p', 'JSON.stringify(process.argv.slice(1))', '--', 'two words', "it's", '$HOME', '--flag', ''],
      folder,
    )
    expect(stdout.trim()).toBe(JSON.stringify(['two words', "it's", '$HOME', '--flag', '']))
  })

  it('runs as an unprivileged user in /app, with the environment of a dyno and no capabilities', async () => {
    const script = 'id -u; pwd; echo $DYNO $HOME; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; node -p process.version'
    const {stdout} = await world.hokku(['run', script], folder)
    expect(stdout).toMatch(/^1000\n\/app\nrun\.\d+ \/app\nCapEff:\t0{16}\nNoNewPrivs:\t1\nv24\./)
  })

  it('gives bash a terminal that resizes, interrupts and ends with the exit code', async () => {
    const shell = `${process.execPath} '${join(root, 'bin', 'run.js')}' run bash`
    const child = spawn('script', ['-qfec', shell, '/dev/null'], {
      cwd: folder,
      env: {...world.env, CI: '', TERM: 'xterm'},
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let screen = ''
    child.stdout.on('data', chunk => {
      screen += String(chunk).replace(/\x1b\[[?0-9;]*[a-zA-Z]/g, '')
    })
    const ended = new Promise<number | null>(resolve => child.on('exit', resolve))
    const shows = (text: RegExp): Promise<void> => eventually(() => expect(screen).toMatch(text), 30_000)
    await shows(/\$ $/)
    const terminal = terminalOf(child.pid as number)
    await world.exec('stty', ['-F', terminal, 'cols', '101', 'rows', '31'], folder)
    await eventually(async () => {
      child.stdin.write('stty size\r')
      await new Promise(resolve => setTimeout(resolve, 200))
      expect(screen).toMatch(/[\r\n]31 101\r/)
    }, 30_000)
    child.stdin.write('sleep 600; echo ended with $?\r')
    await new Promise(resolve => setTimeout(resolve, 500))
    child.stdin.write('\x03')
    await new Promise(resolve => setTimeout(resolve, 500))
    child.stdin.write('echo status $?\r')
    await shows(/[\r\n]status 130\r/)
    expect(screen).not.toMatch(/[\r\n]ended with/)
    child.stdin.write('exit 9\r')
    expect(await ended).toBe(9)
  })

  it('of a dyno that prints 100,000 lines and exits loses none of them', async () => {
    const {stdout} = await world.hokku(['run', 'node flood.js | tail -n 100000 | wc -l'], folder)
    expect(stdout.trim()).toBe('100000')
    const direct = await world.hokku(['run', 'node flood.js'], folder)
    expect(direct.stdout.split('\n').filter(line => /^line \d+$/.test(line))).toHaveLength(100_000)
    await world.ok('run:detached node flood.js', folder)
    await eventually(async () => expect(await logged()).toBe(100_000), 60_000)
  })

  it('has files of a dyno copied, and its ports forwarded: a debugger listens to the dyno itself alone', async () => {
    await world.ok('ps:scale tool=1', folder)
    await world.ok('ps:wait --type tool', folder)
    await world.ok('ps:copy tool.js -d tool.1 -o copied.js', folder)
    expect(readFileSync(join(folder, 'copied.js'), 'utf8')).toBe('setInterval(() => undefined, 1000)\n')
    const port = 10_000 + (process.pid % 20_000)
    const forwarding = world.follow(`ps:forward ${port}:9229 -d tool.1`, folder)
    await eventually(async () => expect(forwarding.text()).toContain('Use CTRL+C to stop port forwarding'), 30_000)
    expect(forwarding.text()).toContain(`Listening on ${port} and forwarding to tool.1:9229\n`)
    const {body} = await ask(`http://127.0.0.1:${port}/json/version`)
    expect(JSON.parse(body)).toMatchObject({Browser: expect.stringContaining('node.js/v24.')})
    forwarding.stop()
    await eventually(() => expect(ask(`http://127.0.0.1:${port}/json/version`)).rejects.toThrow('ECONNREFUSED'), 30_000)
  })

  /** Lines of the detached dyno in the app's segments: history by the API ends at 1,500 lines. */
  async function logged(): Promise<number> {
    const logs = join(world.env['HOKKU_HOME'] as string, 'logs')
    const files = readdirSync(logs, {recursive: true, withFileTypes: true}).filter(file => file.isFile())
    const text = files.map(file => readFileSync(join(file.parentPath ?? file.path, file.name), 'latin1')).join('')
    return new Set(text.match(/app\[run\.\d+\]: line \d+$/gm)).size
  }
})

/** The pseudo-terminal of the first descendant that has one. */
function terminalOf(parent: number): string {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  for (const pid of children) {
    const terminal = readlinkSync(`/proc/${pid}/fd/0`)
    if (terminal.startsWith('/dev/pts/')) return terminal
  }
  throw new Error(`no terminal below process ${parent}`)
}
