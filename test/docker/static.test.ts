import {afterAll, describe, expect, test} from 'vitest'
import type {CompiledSlug} from '../../src/lib/runtime/slugs/compile.js'
import {eventually} from '../support/eventually.js'
import {expectAnswer} from '../support/expected.js'
import {slugWorkshop} from '../support/slug-workshop.js'

const {compile, started, inside, dispose} = await slugWorkshop()
afterAll(dispose)

const largeBytes = 32 << 20
const page = {path: 'public_html/index.html', text: 'hello'}

async function site(staticJson: object, files: {path: string; text: string}[] = []): Promise<CompiledSlug> {
  const {slug, lines} = await compile([{path: 'static.json', text: JSON.stringify(staticJson)}, page, ...files])
  expect(slug, lines.join('\n')).toBeDefined()
  return slug as CompiledSlug
}

describe('a static site', () => {
  test('ends what it sends before it goes', async () => {
    const {image} = await site({}, [{path: 'public_html/large', text: 'x'.repeat(largeBytes)}])
    // As the launcher does, SIGTERM to every process of nginx, while one slowly reads.
    const command = [
      'bin/boot >/dev/null 2>&1 &',
      'curl -s -o /dev/null --retry 50 --retry-delay 1 --retry-connrefused http://127.0.0.1:5000/;',
      'curl -s --limit-rate 8M -o /tmp/large http://127.0.0.1:5000/large & reader=$!;',
      'until [ -s /tmp/large ]; do sleep 0.1; done;',
      'pkill -TERM -x nginx; kill -0 $reader && echo still reading;',
      'wait; stat -c %s /tmp/large; pgrep -c nginx',
    ].join(' ')
    expect(await inside(image, command)).toBe(`still reading\n${largeBytes}\n0\n`)
  }, 300_000)

  test('asks for the password that config vars hold', async () => {
    // openssl passwd -apr1 -salt abcdefgh secret
    const url = await started(await site({}), {BASIC_AUTH_USERNAME: 'me', BASIC_AUTH_PASSWORD: '$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/'})
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`
    await eventually(() => expectAnswer(url, {path: '/', status: 200, body: 'hello', ask: {authorization}}), 30_000)
    await expectAnswer(url, {path: '/', status: 401, headers: {'www-authenticate': 'Basic realm="Restricted"'}})
  }, 300_000)

  test('with a proxy to a config var that is not set says which', async () => {
    const {image} = await site({proxies: {'/api/': {origin: `https://\${API_HOST}/`}}})
    expect(await inside(image, 'bin/boot 2>&1')).toContain('needs the config var API_HOST, which is not set')
  }, 300_000)

  test('writes nothing into the app, and runs as the dyno’s user', async () => {
    const {image} = await site({})
    const command = 'bin/boot 2>/dev/null & sleep 2; ps -o user= -C nginx | sort -u; find /app -newer /proc/self -print; kill %1'
    expect(await inside(image, command)).toBe('dyno\n')
  }, 300_000)
})
