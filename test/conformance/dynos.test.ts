import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Build, Dyno, Formation, Source} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {Clients, type Who} from './clients.js'
import {answersAsPublished, sameSteps} from './same.js'
import {stateOf} from './state.js'

const files = {
  Procfile: 'web: node index.js\nworker: node worker.js\nrelease: echo migrated\n',
  'package.json': nodeManifest(),
  'index.js': `require('http').createServer((q, r) => r.end('hello')).listen(process.env.PORT, () => console.log('listening'))\n`,
  'worker.js': `console.log('waiting'); setInterval(() => {}, 1000)\n`,
}
const whos = ['official', 'ours'] as const

describe('an app with dynos', () => {
  let clients: Clients
  const folders = {} as Record<Who, string>

  beforeAll(async () => {
    clients = await Clients.start('dyno')
    for (const who of whos) folders[who] = await clients.world.project(`${who} folder`, files)
  })
  afterAll(() => clients?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    for (const app of Object.values(clients.apps)) await eventually(() => allUp(clients, app), 60_000)
  })

  it('is created and pushed from its folder, over the remote that the client set up', async () => {
    for (const who of whos) {
      expect((await clients.run(who, 'create APP', {folder: folders[who]})).exitCode).toBe(0)
      const remote = {official: 'heroku', ours: 'hokku'}[who]
      const pushed = await clients.execute(who, ['git', 'push', remote, 'main'], folders[who])
      expect(pushed.exitCode, pushed.stderr).toBe(0)
      expect(pushed.stderr).toMatch(/remote: -----> Node\.js app detected[\s\S]*Released v3/)
    }
    const {stdout} = await clients.execute('official', ['git', 'remote', '-v'], folders.official)
    expect(stdout).toContain(`https://127.0.0.1:${clients.recorder.port}/${clients.apps.official}.git (push)`)
    for (const app of Object.values(clients.apps)) await clients.world.answers(app, 'hello')
    expect(await stateOf(clients, 'ours')).toEqual(await stateOf(clients, 'official'))
  })

  it('is found by the remote of its folder', async () => {
    for (const who of whos) expect((await clients.run(who, 'apps:info', {folder: folders[who]})).stdout).toMatch(/^=== APP\n/)
  })

  sameSteps(
    () => clients,
    [
      {command: 'ps'},
      {command: 'ps:scale'},
      {command: 'ps:scale web=2 worker=1'},
      {command: 'ps'},
      {command: 'ps:scale worker-1'},
      {command: 'ps:scale web=1:standard-1x'},
      {command: 'ps:type'},
      {command: 'ps:type web=basic'},
      {command: 'ps:restart'},
      {command: 'ps:restart -d web.1'},
      {command: 'ps:restart -p web'},
      {command: 'ps:stop -d web.1'},
      {command: 'ps:stop -p web'},
      {command: 'releases'},
      {command: 'releases -n 2'},
      {command: 'releases:info'},
      {command: 'releases:info v3 --json', differs: 'ids, times and commits'},
      {command: 'releases:output v3', prints: /migrated/},
      {command: 'config:set GREETING=hi'},
      {command: 'rollback v3'},
      {command: 'rollback v1', fails: true},
      {command: 'apps:info'},
    ],
  )

  it('is waited for until its dynos run the newest release', async () => {
    const {exitCode, stderr} = await clients.run('official', 'ps:wait')
    expect(exitCode, stderr).toBe(0)
  })

  describe('logs', () => {
    it('have the same lines for both', async () => {
      const official = await clients.run('official', 'logs -n 1500')
      const ours = await clients.run('ours', 'logs -n 1500')
      expect([official.exitCode, ours.exitCode]).toEqual([0, 0])
      for (const {stdout} of [official, ours])
        for (const line of ['heroku[web.1]: State changed from starting to up', 'app[web.1]: listening', 'app[api]: Deploy'])
          expect(stdout).toContain(line)
      const again = await clients.run('ours', `logs -n 1500 --app ${clients.apps.official}`, {folder: folders.ours})
      const lines = again.stdout.replaceAll(clients.apps.official, 'APP').split('\n')
      expect(lines).toEqual(expect.arrayContaining(official.stdout.split('\n')))
    })

    it('are filtered by source and dyno', async () => {
      const {official, ours} = await clients.both('logs -s app -d web.1 -n 1')
      expect(official.stdout).toMatch(/app\[web\.1\]: listening$/)
      expect(ours.stdout).toBe(official.stdout)
    })

    it('are followed', async () => {
      for (const who of whos) {
        const tailing = clients.run(who, 'logs --tail', {until: /path="\/followed"/})
        const asking = setInterval(() => void clients.world.get(clients.apps[who], '/followed').catch(() => undefined), 500)
        const {stdout} = await tailing.finally(() => clearInterval(asking))
        expect(stdout).toMatch(/heroku\[router\]: at=info method=GET path="\/followed"/)
      }
    })
  })

  describe('a one-off dyno', () => {
    it.each([
      {command: ['run', 'echo', 'one two'], stdout: 'one two', exitCode: 0},
      {command: ['run', '-e', 'EXTRA=more', 'echo $GREETING-$EXTRA'], stdout: '-more', exitCode: 0},
      {command: ['run', '--exit-code', "sh -c 'exit 3'"], stdout: '', exitCode: 3},
      {command: ['run', '--exit-code', 'echo fine'], stdout: 'fine', exitCode: 0},
    ])('$command.0 $command.1 $command.2 prints $stdout and ends with $exitCode for both', async ({command, stdout, exitCode}) => {
      const {official, ours} = await clients.both(command)
      for (const result of [official, ours]) expect(result, result.stderr).toMatchObject({stdout, exitCode})
    })

    it('reads what is piped into it', async () => {
      const {official, ours} = await clients.both(['run', '--no-tty', 'wc -c'], {stdin: 'twelve bytes'})
      expect([official.stdout, ours.stdout]).toEqual(['12', '12'])
    })

    it('goes on alone when detached, and logs', async () => {
      const {official, ours} = await clients.both(['run:detached', 'echo said by itself'])
      expect([official.exitCode, ours.exitCode]).toEqual([0, 0])
      for (const who of whos)
        await eventually(async () => {
          const {stdout} = await clients.run(who, 'logs -n 100')
          expect(stdout).toContain('app[run.1234]: said by itself')
        }, 60_000)
    })

    it('runs inside a dyno', async () => {
      const {official, ours} = await clients.both(['run:inside', 'web.1', 'echo $DYNO'])
      for (const result of [official, ours]) expect(result.stdout, result.stderr).toBe('web.1')
    })
  })

  it('is built from a source blob by curl, over the TLS side of the port', async () => {
    const {url, token, ca_certificate: ca} = clients.status
    const api = url.replace('http:', 'https:')
    const curl = async (...args: string[]): Promise<string> => {
      const options = ['--silent', '--show-error', '--fail', '--noproxy', '*', '--cacert', ca]
      const {exitCode, stdout, stderr} = await clients.execute('official', ['curl', ...options, ...args], folders.official)
      expect(exitCode, stderr).toBe(0)
      return stdout
    }
    const json = ['--header', `Authorization: Bearer ${token}`, '--header', 'Content-Type: application/json']
    const {source_blob: blob} = JSON.parse(await curl(...json, '--request', 'POST', `${api}/sources`)) as Source
    await clients.execute('official', ['git', 'archive', '--format=tar.gz', '--output=../source.tgz', 'HEAD'], folders.official)
    await curl('--upload-file', '../source.tgz', blob.put_url)
    const request = JSON.stringify({source_blob: {url: blob.get_url, version: 'by curl'}})
    const build = JSON.parse(await curl(...json, '--data', request, `${api}/apps/${clients.apps.official}/builds`)) as Build
    expect(await curl(build.output_stream_url)).toMatch(/-----> Node\.js app detected[\s\S]*Released v\d+/)
    const built = await clients.api<Build>(`/apps/${clients.apps.official}/builds/${build.id}`)
    expect(built).toMatchObject({status: 'succeeded', source_blob: {version: 'by curl'}})
  })

  answersAsPublished(() => clients)
})

/** Throws until every dyno that the formation asks for is up, and no other is there. */
async function allUp(clients: Clients, app: string): Promise<void> {
  const listed = await clients.api<{name: string}[]>('/apps')
  if (!listed.some(one => one.name === app)) return
  const formation = await clients.api<Formation[]>(`/apps/${app}/formation`)
  const dynos = await clients.api<Dyno[]>(`/apps/${app}/dynos`)
  const wanted = formation.flatMap(({type, quantity}) => Array.from({length: quantity}, (_, index) => `${type}.${index + 1} up`))
  expect(dynos.map(({name, state}) => `${name} ${state}`).sort()).toEqual(wanted.sort())
}
