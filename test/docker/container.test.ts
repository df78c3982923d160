import {randomUUID} from 'node:crypto'
import {afterAll, describe, expect, test} from 'vitest'
import {isListening} from '../../src/lib/engine/docker/listening.js'
import {label} from '../../src/lib/engine/labels.js'
import {launchOf} from '../../src/lib/runtime/dynos/launch.js'
import {BuildFailure, type CompiledSlug} from '../../src/lib/runtime/slugs/compile.js'
import {launcherPath} from '../../src/lib/runtime/slugs/container/launcher-path.js'
import type {SlugRecord} from '../../src/lib/runtime/slugs/slug-record.js'
import {eventually} from '../support/eventually.js'
import {slugWorkshop} from '../support/slug-workshop.js'

const {home, engine, compile: compileFiles, dispose} = await slugWorkshop()
afterAll(async () => {
  await engine.removeAll({[label.home]: home})
  await dispose()
})

/** Each as an app of its own: two builds of one app would be made one after the other. */
const compile = (files: Record<string, string>) =>
  compileFiles(
    Object.entries(files).map(([path, text]) => ({path, text})),
    {appName: `app-${randomUUID().slice(0, 8)}`, stack: 'container', configVars: {SECRET_KEY: 'hunter2'}},
  )

interface End {
  status: number
  output: string
}

/** Runs a command in an image of the container stack; `until` is called once the process runs. */
async function run(
  slug: CompiledSlug | undefined,
  command: string,
  act?: (id: string, output: () => string) => Promise<void>,
): Promise<End> {
  let output = ''
  let read: () => void = () => undefined
  const all = new Promise<void>(done => {
    read = done
  })
  const spec = {
    name: `hokku-test-${randomUUID()}`,
    entrypoint: [],
    ...launchOf(slug as unknown as SlugRecord, {type: 'web', command}),
    env: {PORT: '5000', POLITE: polite},
    labels: {[label.home]: home},
  }
  const {id} = await engine.start({...spec, networking: 'none', restart: 'never', keepOutput: 'none'}, chunk => {
    if (chunk === undefined) read()
    else output += chunk.data.toString()
  })
  await act?.(id, () => output)
  const status = await engine.wait(id)
  await all
  await engine.remove(id)
  return {status, output}
}

/** Says `bye` at SIGTERM and ends with 0. */
const polite = `perl -e '$| = 1; $SIG{TERM} = sub { print "bye\\n"; exit 0 }; print "ready\\n"; sleep 1 while 1'`
const plain = compile({
  Dockerfile: 'FROM debian:13-slim\nENV A=image PATH=/opt/x:/usr/bin:/bin\nWORKDIR /srv\nUSER www-data\nCMD ["sh", "-c", "exit 9"]\n',
})

describe('a process in an image that is not ours', () => {
  test.each([
    ['passes an exit status on', 'exit 7', 7, ''],
    ['tells a signal as 128 + n', 'kill -9 $$', 137, ''],
    [
      'has the image’s user, folder and variables, and the port',
      'id -un; pwd; echo $A $PATH $PORT; printenv HOSTNAME || echo no name',
      0,
      'www-data\n/srv\nimage /opt/x:/usr/bin:/bin 5000\nno name\n',
    ],
    ['runs what the image says when heroku.yml says nothing', 'sh -c exit\\ 9', 9, ''],
  ])('%s', async (_claim, command, status, output) => {
    expect(await run((await plain).slug, command)).toEqual({status, output})
  })

  test.each([
    ['one process', `exec ${polite}`, 0],
    ['nested shells, as npm start makes them', `sh -c 'exec "$@"; true' x sh -c "$POLITE; true"; true`, 143],
    ['a; b', `${polite}; echo never`, 143],
    ['one that takes its time when its shell is gone', `${polite.replace('print "bye', 'sleep 2; print "bye')}; echo never`, 143],
    ['a pipeline', `${polite} | (trap '' TERM; cat)`, 143],
    ['one that left its process group', `setsid ${polite} & wait; echo never`, 143],
  ])('is given a graceful end: %s', async (_form, command, status) => {
    const end = await run((await plain).slug, command, async (id, output) => {
      await eventually(() => expect(output()).toContain('ready'))
      await engine.kill(id, 'SIGTERM')
    })
    expect(end.output).toContain('bye\n')
    expect(end.output).not.toContain('never')
    expect(end.status).toBe(status)
  })

  test('runs commands through the image’s entrypoint', async () => {
    const {slug} = await compile({
      Dockerfile: 'FROM debian:13-slim\nENTRYPOINT ["sh", "-c", "echo entered; exec \\"$@\\"", "entry"]\nCMD ["echo", "$PORT"]\n',
    })
    expect(await run(slug, slug?.processTypes['web'] ?? '')).toEqual({status: 0, output: 'entered\n$PORT\n'})
    expect(await run(slug, 'echo $PORT')).toEqual({status: 0, output: 'entered\n5000\n'})
  })

  test('needs no shell in its image, and says so where a command needs one', async () => {
    const {slug} = await compile({
      Dockerfile: `FROM debian:13-slim AS full\nRUN ln -s /x /y\nFROM scratch\nCOPY --from=full /etc/debian_version /etc/debian_version\nENTRYPOINT ["${launcherPath}"]\n`,
    })
    expect(await run(slug, slug?.processTypes['web'] ?? '')).toMatchObject({status: 2, output: expect.stringContaining('usage: dyno-init')})
    const {slug: bare} = await compile({
      Dockerfile: 'FROM scratch\nCOPY heroku.yml /\nCMD ["/no/such"]\n',
      'heroku.yml': 'build: {docker: {web: Dockerfile}}\n',
    })
    expect(await run(bare, '/no/such')).toEqual({status: 127, output: 'Cannot run /no/such: it is not in this image\n'})
    expect(await run(bare, 'bash')).toEqual({
      status: 127,
      output:
        'Cannot run /bin/sh: it is not in this image\nA command is run by /bin/sh. An image without a shell can run its own ENTRYPOINT and CMD only.\n',
    })
  })
})

test('an engine whose containers cannot be reached sees who listens, whatever the image holds', async () => {
  const {slug} = await compile({Dockerfile: 'FROM debian:13-slim\nCMD ["true"]\n'})
  const listens = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 5000) or die; sleep 60'`
  await run(slug, `exec ${listens}`, async id => {
    const sees = (port: number) => isListening(engine.exec, {id, address: undefined}, port, false, [launcherPath, '--sockets'])
    await eventually(async () => expect(await sees(5000)).toBe(true))
    expect(await sees(5001)).toBe(false)
    await engine.kill(id, 'SIGTERM')
  })
})

describe('a build from a Dockerfile', () => {
  test('sees the args of heroku.yml where an ARG declares them, and no config var anywhere', async () => {
    const {slug, lines} = await compile({
      'heroku.yml': 'build:\n  docker: {web: Dockerfile}\n  config: {EDITION: second, OTHER: x}\n',
      Dockerfile: `FROM debian:13-slim\nENV RUN=${home}\nRUN echo "before [$EDITION][$OTHER]"\nARG EDITION\nRUN echo "after [$EDITION][$OTHER]"; env\nCMD ["true"]\n`,
    })
    const said = lines.join('\n')
    expect(said).toContain('before [][]')
    expect(said).toContain('after [second][]')
    expect(said).not.toMatch(/hunter2|SECRET_KEY/)
    const {config} = (await engine.image(slug?.image ?? '')) ?? {}
    expect(JSON.stringify(config)).not.toMatch(/hunter2|proxy|EDITION/i)
  })

  test('can have the host’s certificates for a step, and leaves no trace of them', async () => {
    const {slug, error, lines} = await compile({
      Dockerfile:
        'FROM debian:13-slim\nRUN --mount=type=secret,id=ca,target=/tmp/ca grep -c BEGIN /tmp/ca\nRUN test ! -s /tmp/ca\nCMD ["true"]\n',
    })
    expect(error, lines.join('\n')).toBeUndefined()
    expect((await run(slug, 'ls /tmp')).output.replace('ca\n', '')).toBe('')
  })

  test('that asks for a frontend of its own is built, by that or by the engine’s', async () => {
    const {slug, error, lines} = await compile({Dockerfile: '# syntax=docker/dockerfile:1\nFROM debian:13-slim\nCMD ["true"]\n'})
    expect(error, lines.join('\n')).toBeUndefined()
    expect(await run(slug, 'true')).toEqual({status: 0, output: ''})
  })

  test('may be written in unusual ways', async () => {
    const {slug, error, lines} = await compile({
      Dockerfile: '# escape=`\nFROM `\n  debian:13-slim\nRUN true `\n && true\nCMD ["sh", "-c", "exit 5"]\n',
    })
    expect(error, lines.join('\n')).toBeUndefined()
    expect((await run(slug, slug?.processTypes['web'] ?? '')).status).toBe(5)
  })

  test('stops when it is canceled, and keeps no image', async () => {
    const before = (await engine.images({[label.home]: home})).length
    const stop = new AbortController()
    const files = [{path: 'Dockerfile', text: 'FROM debian:13-slim\nRUN echo begun; sleep 300\n'}]
    const onLine = (line: string): void => {
      if (line.endsWith(' begun')) stop.abort()
    }
    expect((await compileFiles(files, {stack: 'container', signal: stop.signal, onLine})).error).toMatchObject({code: 'canceled'})
    expect((await engine.images({[label.home]: home})).length).toBe(before)
  })

  test('that fails says which step did, and keeps no image', async () => {
    const before = (await engine.images({[label.home]: home})).length
    const {error, lines} = await compile({Dockerfile: 'FROM debian:13-slim\nRUN echo this went wrong; exit 3\n'})
    expect(error).toBeInstanceOf(BuildFailure)
    expect(lines.join('\n')).toMatch(
      /#\d+ this went wrong\n#\d+ ERROR: .+\n\n=!= Build failed due to an error:\n\n=!= build step: exit status 3$/,
    )
    expect((await engine.images({[label.home]: home})).length).toBe(before)
  })

  test.each([
    ['FROM debian:13-slim\nRNU x\n', 'dockerfile parse error', 'unknown instruction: RNU'],
    ['FROM debian:13-slim AS a\nCOPY nothing /\n', 'nothing', 'not found'],
  ])('%j is told what is wrong', async (dockerfile, ...words) => {
    const {lines} = await compile({Dockerfile: dockerfile})
    expect(lines.at(-1)).toMatch(/^=!= build step: (?!.*failed to solve)/)
    for (const word of words) expect(lines.at(-1)).toContain(word)
  })
})
