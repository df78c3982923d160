import {once} from 'node:events'
import {get, type IncomingMessage} from 'node:http'
import {afterAll, describe, expect, test} from 'vitest'
import type {CompiledSlug} from '../../src/lib/runtime/slugs/compile.js'
import {eventually} from '../support/eventually.js'
import {expectAnswer} from '../support/expected.js'
import {slugWorkshop} from '../support/slug-workshop.js'

const {run, engine, compile, started, inside, dispose} = await slugWorkshop()
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
    const url = await started(await site({}, [{path: 'public_html/large', text: 'x'.repeat(largeBytes)}]))
    await eventually(() => expectAnswer(url, {path: '/', status: 200, body: 'hello'}), 30_000)
    const [response] = (await once(get(`${url}/large`), 'response')) as [IncomingMessage]
    response.pause()
    const [container] = await engine.observe(run)
    const stopped = engine.stop(container?.id ?? '', {graceSeconds: 60})
    // No new one is accepted any more: SIGTERM was heard.
    await eventually(() => expect(fetch(url, {signal: AbortSignal.timeout(2000)})).rejects.toThrow(), 30_000)
    let received = 0
    for await (const chunk of response) received += (chunk as Buffer).length
    expect(received).toBe(largeBytes)
    await stopped
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
