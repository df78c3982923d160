import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const files = {
  'package.json': nodeManifest(),
  Procfile: 'web: node index.js\r\n\r\nworker: sleep 1d\r\n',
  'index.js': `require('http').createServer((q, r) => r.end(process.env[q.url.slice(1)] || 'alive')).listen(process.env.PORT)\n`,
}

/** What people type and push by mistake: a sentence, the right exit code, and what served goes on serving. */
describe('a mistake', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.deployed('demo-mistakes', files)
    await world.answers('demo-mistakes', 'alive')
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** Pushes these changes, expects a refusal with these words, and takes them back. */
  const refused = async (changes: Record<string, string>, ...words: (string | RegExp)[]): Promise<void> => {
    const before = await world.json<unknown[]>('releases', folder)
    await world.write(folder, changes)
    await world.commit(folder, 'a mistake')
    const pushed = await world.push(folder)
    expect(pushed.exitCode).toBe(1)
    for (const word of words) expect(pushed.stderr).toMatch(word)
    expect(pushed.stderr).toContain('[remote rejected] main -> main')
    expect(await world.json('releases', folder)).toEqual(before)
    expect((await world.get('demo-mistakes')).body).toBe('alive')
    await world.exec('git', ['reset', '--quiet', '--hard', 'HEAD~1'], folder)
    await world.exec('git', ['clean', '-ffdxq'], folder)
  }

  it('of line ends: a Procfile of Windows works', async () => {
    const formation = await world.json<{type: string; command: string}[]>('ps:type', folder)
    expect(Object.fromEntries(formation.map(({type, command}) => [type, command]))).toEqual({web: 'node index.js', worker: 'sleep 1d'})
  })

  it('in package.json: no JSON, an unsatisfiable Node.js, two lockfiles', async () => {
    await refused({'package.json': '{"name": "demo",\n<<<<<<< HEAD\n}'}, /Unable to parse package\.json: .*JSON/)
    await refused(
      {'package.json': JSON.stringify({name: 'demo', engines: {node: '>=90'}})},
      /Could not find Node version corresponding to version requirement: >=90/,
      /The newest of each line that can be had/,
    )
    await refused({'package-lock.json': '{}', 'yarn.lock': ''}, /Multiple lockfiles found/, /git rm yarn\.lock/)
  })

  it('of a submodule whose address nobody else can reach', async () => {
    const inner = await world.project('inner', {'lib.js': 'x'})
    await world.exec('git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'vendor/inner'], folder)
    await refused({}, /The submodule 'vendor\/inner' .* cannot be fetched from there\./, /Push rejected, submodule install failed/)
  })

  it('of a symlink that leads out of the source', async () => {
    await world.exec('ln', ['-s', '/etc/passwd', 'secrets'], folder)
    await refused({}, /secrets: a symlink to \/etc\/passwd, which is outside of the app's source/)
  })

  it('of an empty repository: git itself says that there is nothing', async () => {
    const empty = await world.project('empty', {})
    await world.exec('git', ['update-ref', '-d', 'HEAD'], empty)
    await world.ok('git:remote --app demo-mistakes', empty)
    const pushed = await world.push(empty)
    expect([pushed.exitCode, pushed.stderr]).toEqual([1, expect.stringContaining('src refspec main does not match any')])
  })

  it.each([
    ['ps:scale nothing=1', 1, /Couldn't find that process type \(nothing\)/],
    ['ps:scale web=many', 2, /web=many|many/],
    ['create demo-mistakes', 1, /Name demo-mistakes is already taken/],
    ['create Bad_Name', 1, /Name Bad_Name is not valid: it must start with a letter/],
    ['config:set A B=1 --app demo-mistakes', 2, /A/],
    ['config:set =1', 2, /name|KEY=value|=1/i],
    ['addons:create no-such-thing', 1, /find|Couldn/],
    ['info --app no-such-app', 1, /Couldn't find that app/],
    ['run --size huge ls', 1, /No such dyno size: huge/],
  ])('in `%s` ends with exit code %i and says why', async (command, exitCode, words) => {
    const {exitCode: code, stderr} = await world.hokku(command, folder)
    expect(stderr).toMatch(words)
    expect(code).toBe(exitCode)
    expect(stderr).not.toMatch(/bug in hokku|at .*\.js:\d+/)
  })

  it('of no kind: quotes, newlines, dollars, Unicode and 32 kB arrive in the dyno byte for byte', async () => {
    const values = {
      QUOTES: `'"\`\\ "`,
      LINES: 'a\nb\r\nc\n',
      DOLLARS: `$HOME $\{HOME} $(id) $$`,
      UNICODE: 'žluť 🦄',
      LONG: 'é'.repeat(16 * 1024),
    }
    await world.ok(['config:set', ...Object.entries(values).map(([name, value]) => `${name}=${value}`)], folder)
    await world.answers('demo-mistakes', values.UNICODE, '/UNICODE')
    for (const [name, value] of Object.entries(values)) expect((await world.get('demo-mistakes', `/${name}`)).body, name).toBe(value)
  })
})
