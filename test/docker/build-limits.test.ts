import {randomUUID} from 'node:crypto'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {SlugImages} from '../../src/lib/runtime/slugs/slug-images.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'
import {ask} from '../support/ask.js'
import {eventually} from '../support/eventually.js'
import {slugWorkshop} from '../support/slug-workshop.js'
import {tarOf} from '../support/tar-of.js'

const megabyte = 1 << 20
const probe = await slugWorkshop()
const workshops = [probe]
afterAll(async () => {
  for (const {dispose} of workshops) await dispose()
})

async function workshop(limits: Parameters<typeof slugWorkshop>[0]) {
  const made = await slugWorkshop(limits)
  workshops.push(made)
  return made
}

/** An app of which only the build matters. */
const building = (script: string) => [
  {path: 'package.json', text: JSON.stringify({engines: {node: '24.x'}, scripts: {build: `sh build.sh ${randomUUID()}`}})},
  {path: 'build.sh', text: script},
  {path: 'Procfile', text: 'web: node server.js\n'},
  {path: 'server.js', text: `require('http').createServer((_, answer) => answer.end('up')).listen(process.env.PORT)`},
]

/** Asks an app over and over while something else happens; what was not answered. */
async function undisturbed(url: string, work: (phase: (name: string) => void) => Promise<void>): Promise<string[]> {
  const failures: string[] = []
  let over = false
  let now = ''
  const asking = (async () => {
    while (!over) {
      // Slow is not harmed: the machine is busy, and its disk full.
      const answer = await ask(url, {timeout: 90_000}).then(({body}) => body, String)
      if (answer !== 'up') failures.push(`${now}: ${answer}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })()
  const phase = (name: string): void => {
    now = name
  }
  await work(phase).finally(() => {
    over = true
  })
  await asking
  return failures
}

describe('a build that', () => {
  test('fills its memory, forks without end or fills the disk is stopped with a message, and the app beside it goes on', async () => {
    const {slug, lines} = await probe.compile(building('true'))
    expect(slug, lines.join('\n')).toBeDefined()
    const url = await probe.started(slug as NonNullable<typeof slug>)
    await eventually(async () => expect((await ask(url)).body).toBe('up'), 60_000)
    const {compile} = await workshop({limits: {memory: 600 * megabyte, processes: 300}})
    const failures = await undisturbed(url, async phase => {
      phase('memory')
      const memory = await compile(building('tail /dev/zero'))
      expect(memory.lines.join('\n')).toContain(' !     A step used more than 600M of memory and was stopped.')
      phase('processes')
      const processes = await compile(building('b() { b | b & }; b; sleep 60'))
      expect(processes.lines).toContain(' !     A step ran more than 300 processes and was stopped.')
      expect(processes.lines.at(-1)).toBe(' !     Push rejected, failed to compile Node.js app.')
      phase('disk')
      // Others use the disk too: what it has now, less a gigabyte, and at most six are written.
      const free = (await probe.engine.storage()).disk?.freeBytes ?? 0
      const filling = await workshop({limits: {diskReserve: free - 1024 * megabyte}})
      const disk = await filling.compile(building('head -c 6000000000 /dev/zero > big; sleep 30'))
      expect(disk.lines.join('\n')).toMatch(
        / ! {5}A step filled the disk of the engine up to the last \S+ and was stopped\.\n ! {5}To make room: hokku builds:prune/,
      )
    })
    expect(failures).toEqual([])
  }, 600_000)

  test('prints without end is stopped with a message, in a buildpack of somebody else’s too', async () => {
    const excess = [
      ' !     A step printed more than 100M and was stopped.',
      ' !     To allow more: HOKKU_BUILD_OUTPUT=MB hokku runtime:restart',
    ]
    const {error, lines} = await probe.compile(building('yes 2>&1'))
    expect(error).toMatchObject({name: 'BuildFailure'})
    expect(lines.join('\n').length).toBeLessThan(5 * megabyte)
    expect(lines.slice(-4)).toEqual([...excess, '', ' !     Push rejected, failed to compile Node.js app.'])
    const folder = join(probe.directory, 'loud')
    await mkdir(join(folder, 'bin'), {recursive: true})
    for (const [name, script] of Object.entries({detect: 'echo Loud', compile: 'yes >&2'}))
      await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, {mode: 0o755})
    const classic = await probe.compile([{path: 'app.txt', text: ''}], {buildpacks: [folder]})
    expect(classic.lines.slice(-4)).toEqual([...excess, '', ' !     Push rejected, failed to compile Loud app.'])
  }, 300_000)

  test('prints 90 MB neither blocks nor shows it all', async () => {
    const {slug, lines} = await probe.compile(building('head -c 90000000 /dev/zero | tr "\\0" a | fold -w 99'))
    expect(slug, lines.slice(-20).join('\n')).toBeDefined()
    expect(lines.join('\n').length).toBeLessThan(5 * megabyte)
    expect(lines.join('\n')).toMatch(/Docker passes on no more than \S+ of a step's output/)
  }, 300_000)

  test('says things on stdout and on stderr shows them in that order, to the last, and leaves nothing running', async () => {
    const said = Array.from({length: 200}, (_, line) => `${line % 2 === 0 ? 'out' : 'err'} ${line}`)
    const say = said.map(line => `echo ${line}${line.startsWith('err') ? ' >&2' : ''}`)
    const {slug, lines} = await probe.compile(building([...say, '(sleep 0.05; echo late) &', 'sleep 1000 &', 'echo end'].join('\n')))
    expect(slug, lines.join('\n')).toBeDefined()
    const shown = lines.map(line => line.trim())
    const first = shown.indexOf('out 0')
    expect(shown.slice(first, first + said.length + 2)).toEqual([...said, 'end', 'late'])
  }, 300_000)

  test('makes too large a slug is refused with Heroku’s message', async () => {
    const {compile} = await workshop({limits: {slug: 10 * megabyte, slugWarning: 5 * megabyte}})
    const {error, lines} = await compile(building('head -c 1000 /dev/urandom > more'))
    expect(error).toMatchObject({name: 'BuildFailure'})
    expect(lines.join('\n')).toMatch(
      /-----> Compressing\.\.\.\n {7}Done: \S+M\n ! {5}Compiled slug size: \S+M is too large \(max is 10\.0M\)\./,
    )
  }, 300_000)
})

test('caches of an app go with it, and those of others stay', async () => {
  const {engine, home} = probe
  const [gone, kept] = [randomUUID(), randomUUID()]
  for (const app of [gone, kept]) {
    const mount = `--mount=type=cache,id=hokku-x-${app},target=/c`
    const context = tarOf({Dockerfile: `FROM debian:13-slim\nRUN ${mount} : caches of ${app}; echo ${app} > /c/a`})
    await engine.build({context, tags: [], labels: {'hokku.kind': 'slug', 'hokku.app': app}, onProgress: () => undefined})
  }
  const caches = async () => (await engine.storage()).cache.filter(({description}) => description.startsWith('cached mount /c from'))
  const of = async (app: string) => (await caches()).filter(({description}) => description.includes(app)).length
  expect([await of(gone), await of(kept)]).toEqual([1, 1])
  const images = new SlugImages({engine, home, log: silentLog, slugs: {named: () => false} as never})
  await images.removeApp(gone)
  expect([await of(gone), await of(kept)]).toEqual([0, 1])
  expect(await engine.images({'hokku.app': gone})).toEqual([])
  await images.removeApp(kept)
  expect(await of(kept)).toBe(0)
}, 120_000)
