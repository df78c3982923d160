import {execFileSync} from 'node:child_process'
import {mkdirSync, symlinkSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {shellExports} from '../../../src/lib/runtime/slugs/step-vars.js'
import {parseAppJson} from '../../../src/lib/schema/app-json.js'
import {distrust} from '../../../src/lib/schema/private-directory.js'
import {parseProcfile} from '../../../src/lib/schema/procfile.js'
import {startTestPlatform, type TestPlatform} from '../../support/platform.js'
import {temporaryDirectory} from './temporary-directory.js'

/** Strings that mean something to a shell, a path, a URL, SQL, HAProxy or a terminal. */
const nasty = [
  '$(touch /tmp/pwned)',
  '`touch /tmp/pwned`',
  '; touch /tmp/pwned;',
  "' || touch /tmp/pwned || '",
  '" && touch /tmp/pwned && "',
  '$IFS',
  '--upload-pack=touch /tmp/pwned',
  '-oProxyCommand=x',
  '../../../etc/passwd',
  '%2e%2e%2f',
  "'; DROP TABLE apps; --",
  '{{password}}',
  '\u001b[2J',
  '\u202e',
  'a\nb',
  'a\u0000b',
  '__proto__',
  '.constructor',
  'x'.repeat(10_000),
  '🦄',
  '',
  ' ',
  '*',
  '~',
]

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
})
afterAll(() => platform[Symbol.asyncDispose]())

async function status(method: string, path: string, body?: unknown): Promise<number> {
  const init = body === undefined ? {method} : {method, body: JSON.stringify(body)}
  const answer = await platform.runtime.fetch(new Request(`http://127.0.0.1${path}`, init))
  await answer.text()
  return answer.status
}

const inPath = encodeURIComponent

describe.each(nasty.map(word => [JSON.stringify(word).slice(0, 40), word]))('%s', (_, word) => {
  it('is no name of an app, an add-on, an attachment, a domain, a size, a stack or a plan', async () => {
    const refusals = [
      ...(word === '' ? [] : [status('POST', '/apps', {name: word}), status('POST', '/apps', {stack: word})]),
      status('PATCH', '/apps/demo', {name: word}),
      status('POST', '/apps/demo/addons', {plan: word}),
      status('POST', '/apps/demo/addons', {plan: 'heroku-postgresql', name: word}),
      status('POST', '/apps/demo/domains', {hostname: word}),
      status('PATCH', '/apps/demo/formation/web', {quantity: word}),
      status('PATCH', '/apps/demo/formation', {updates: [{type: word, quantity: 1}]}),
      status('POST', '/addon-attachments', {app: 'demo', addon: word}),
      status('POST', '/apps/demo/releases', {release: word}),
      status('POST', '/apps/demo/dynos', {command: 'ls', type: word || '/'}),
      status('POST', '/apps/demo/dynos', {command: 'ls', env: {[word]: 'x'}}),
    ]
    for (const one of await Promise.all(refusals)) expect([404, 422]).toContain(one)
  })

  it('finds nothing where it stands in a path', async () => {
    const paths = [
      '/apps/@',
      '/apps/demo/releases/@',
      '/apps/demo/builds/@',
      '/apps/demo/dynos/@',
      '/addons/@',
      '/plans/@',
      '/streams/@',
      '/sources/@',
      '/log-sessions/@',
    ]
    for (const path of paths.filter(() => word !== '' && word !== ' '))
      expect([404, 422], path).toContain(await status('GET', path.replace('@', inPath(word))))
    expect(await status('GET', `/${inPath(word)}.git/info/refs?service=git-upload-pack`)).toBe(404)
  })

  it('is a value of a config var, kept as it is, unless no environment can carry it', async () => {
    const changed = await status('PATCH', '/apps/demo/config-vars', {WORD: word})
    if (word.includes('\0')) expect(changed).toBe(422)
    else expect(await platform.api('GET', '/apps/demo/config-vars')).toMatchObject({WORD: word})
  })

  it('is as a value of a config var only a value to the shell of a build', () => {
    if (word.includes('\0')) return
    const said = execFileSync('/bin/sh', ['-c', `${shellExports({WORD: word})}printf %s "$WORD"; test ! -e /tmp/pwned`])
    expect(said.toString()).toBe(word)
  })

  it('as a name of a config var is refused or kept', async () => {
    const sent = await status('PATCH', '/apps/demo/config-vars', Object.fromEntries([[word, 'kept']]))
    const vars = await platform.api<Record<string, string>>('GET', '/apps/demo/config-vars')
    expect(Object.hasOwn(vars, word), `answered ${sent}`).toBe(sent === 200)
    if (sent === 200) expect(vars[word]).toBe('kept')
    await status('PATCH', '/apps/demo/config-vars', Object.fromEntries([[word, null]]))
  })

  it('in a Procfile is a command or a warning, never an error', () => {
    const {processTypes} = parseProcfile(`web: ${word}\n${word}: x\n`)
    for (const type of Object.keys(processTypes)) expect(type).toMatch(/^[A-Za-z0-9_-]+$/)
  })
})

it('none of these made the runtime log a bug', () => {
  expect(platform.errors).toEqual([])
})

describe('config vars', () => {
  it('keep quotes, newlines, dollars, Unicode and 32 kB byte for byte', async () => {
    const values = {
      QUOTES: `'"\`\\`,
      LINES: 'a\nb\r\nc\n',
      DOLLARS: `$HOME $${'{HOME}'} $(id) $$`,
      UNICODE: 'žluťoučký 🦄 \u0301',
      LONG: 'é'.repeat(16 * 1024),
    }
    await platform.api('PATCH', '/apps/demo/config-vars', values)
    expect(await platform.api('GET', '/apps/demo/config-vars')).toMatchObject(values)
  })

  it('beyond 64 kB in total are refused with both sizes, and nothing of the change is kept', async () => {
    const before = await platform.api('GET', '/apps/demo/config-vars')
    await expect(platform.api('PATCH', '/apps/demo/config-vars', {SMALL: 'x', BIG: 'x'.repeat(65_536)})).rejects.toThrow(
      /422.*must not exceed 64 KB in total, these would be \d+ KB/,
    )
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual(before)
  })
})

describe('a Procfile', () => {
  it('with Windows line ends and a byte order mark is read as if it had none', () => {
    expect(parseProcfile('\uFEFFweb: node a.js\r\nworker: node b.js\r\n')).toEqual({
      processTypes: {web: 'node a.js', worker: 'node b.js'},
      warnings: [],
    })
  })

  it('with junk, merge markers or nothing warns line by line', () => {
    expect(parseProcfile('').processTypes).toEqual({})
    const {processTypes, warnings} = parseProcfile('<<<<<<< HEAD\nweb: a\n=======\nweb: b\n>>>>>>> theirs\n{"json": 1}\nweb:c\n')
    expect(processTypes).toEqual({web: 'b'})
    expect(warnings.map(warning => warning.slice(0, 11))).toEqual([
      'Procfile:1:',
      'Procfile:3:',
      'Procfile:5:',
      'Procfile:6:',
      'Procfile:7:',
      'Procfile: w',
    ])
  })
})

describe('an app.json', () => {
  it('is told all its faults at once, with line and column', () => {
    const {problems} = parseAppJson('{\n  "name": 7,\n  "formation": {"web": {"quantity": "three"}},\n  "addons": "heroku-postgresql"\n}')
    expect(problems.map(problem => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      'app.json:2:11 name:',
      'app.json:3:37 formation.web.quantity:',
      'app.json:4:13 addons:',
    ])
  })

  it('of React Native is no fault', () => {
    const {problems, warnings} = parseAppJson('{"name": "Demo", "displayName": "Demo", "expo": {"slug": "demo"}}')
    expect([problems, warnings.length]).toEqual([[], 2])
  })

  it.each(['', '[]', '{"a": ', '\u0000', 'null', '{"__proto__": 1}', `{"env": ${'['.repeat(2000)}`])('that is %j crashes nothing', text => {
    expect(Array.isArray(parseAppJson(text).problems)).toBe(true)
  })
})

describe('the directory of the socket', () => {
  it('is not trusted when somebody else made it, or put a link there', async () => {
    await using at = await temporaryDirectory()
    expect(distrust(`${at.path}/not-yet`)).toBeUndefined()
    mkdirSync(`${at.path}/own`)
    expect(distrust(`${at.path}/own`)).toBeUndefined()
    symlinkSync(`${at.path}/own`, `${at.path}/link`)
    expect(distrust(`${at.path}/link`)).toContain('is not a directory')
    const foreign = process.getuid?.() === 0 ? undefined : distrust('/')
    if (foreign !== undefined) expect(foreign).toContain('belongs to another user (0)')
  })
})
