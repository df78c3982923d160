import {randomUUID} from 'node:crypto'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import type {Toolchain} from '../../src/lib/runtime/buildpacks/buildpack.js'
import type {BaseImages} from '../../src/lib/runtime/slugs/dockerfile.js'
import {hostTrust} from '../../src/lib/runtime/slugs/host-trust.js'
import {createStacks} from '../../src/lib/runtime/slugs/stacks.js'
import {createToolchains} from '../../src/lib/runtime/slugs/toolchains.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'
import {root, slugWorkshop} from '../support/slug-workshop.js'

/** A proxy that nobody has started. */
const dead = {HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: ''}
const offline = Object.fromEntries(
  Object.entries(dead).flatMap(([name, value]) => [
    [name, value],
    [name.toLowerCase(), value],
  ]),
)

let engine: Engine
let base: BaseImages
beforeAll(async () => {
  engine = await connectDocker({home: randomUUID()})
  const {proxies} = await hostTrust(process.env)
  base = await createStacks({engine, clock: systemClock, directory: join(root, 'stacks'), proxies}).ensure('heroku-24', {
    onLine: () => undefined,
  })
}, 600_000)
afterAll(async () => {
  for (const {tags} of await engine.images({'hokku.kind': 'toolchain'}))
    for (const tag of tags.filter(name => name.startsWith('hokku/probe'))) await engine.removeImage(tag)
  await engine.close()
})

/** What is printed and said when tools like these are wanted and cannot be had. */
async function installing(tools: Partial<Toolchain>, env = process.env): Promise<{lines: string[]; said: string[]}> {
  const toolchain: Toolchain = {name: 'probe', downloads: [], install: [], ...tools}
  const toolchains = createToolchains({engine, clock: systemClock, packages: {} as never, trust: await hostTrust(env)})
  const lines: string[] = []
  const end = await toolchains
    .ensure(base, [toolchain], line => lines.push(line), new AbortController().signal)
    .then(
      () => 'installed',
      (error: Error) => error.message,
    )
  return {lines, said: end.split('\n')}
}

describe('tools that cannot be installed are told of with the last lines, the reason and the next step', () => {
  test('packages, behind a proxy that does not answer', async () => {
    const {lines, said} = await installing({debian: {run: [], build: [`hello=${randomUUID()}`]}}, {...process.env, ...offline})
    expect(lines.join('\n')).toMatch(/ {7}W: Failed to fetch http:\S+ +Unable to connect to 127\.0\.0\.1:9/)
    expect(said).toEqual([
      expect.stringMatching(/^The tools "probe" could not be installed: \S+ could not be reached\.$/),
      'This is not about your app.',
      'Check that this machine is online and that no firewall is in the way.',
      'Behind a company proxy: HTTPS_PROXY=URL hokku runtime:restart',
    ])
  }, 120_000)

  test.each([
    [
      'a name that is unknown',
      ['curl -sSf --noproxy "*" http://nonesuch.invalid/x'],
      'the name of nonesuch.invalid could not be looked up',
    ],
    [
      'a server whose certificate nobody knows',
      [
        'cd /tmp && openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key -out pem',
        '(openssl s_server -key key -cert pem -port 4433 -www &) ; sleep 1',
        'curl -sSf --noproxy "*" https://localhost:4433/',
      ],
      'the certificate of a server is not trusted: something between here and there may open TLS',
    ],
    ['a full disk', ['cp /bin/bash /dev/full'], 'the disk of the engine is full'],
  ])(
    '%s',
    async (_, install, reason) => {
      const {lines, said} = await installing({install: [`: ${randomUUID()}`, ...install]})
      expect(said[0], lines.join('\n')).toBe(`The tools "probe" could not be installed: ${reason}.`)
      expect(said.length).toBeGreaterThan(2)
      expect(lines.length).toBeGreaterThan(1)
    },
    120_000,
  )
})

test('what can be had of a language is not said to be nothing when nobody could be asked', async () => {
  // npm goes on for a while with what it was told before.
  const npmCache = await mkdtemp(join(tmpdir(), 'hk-npm-'))
  const npm = {npm_config_fetch_retries: '0', npm_config_cache: npmCache}
  await using shop = await slugWorkshop({env: {...process.env, ...offline, ...npm}}).then(made => ({
    ...made,
    [Symbol.asyncDispose]: () => made.dispose().finally(() => rm(npmCache, {recursive: true, force: true})),
  }))
  const java = await shop.compile([
    {path: 'pom.xml', text: '<project/>'},
    {path: 'system.properties', text: 'java.runtime.version=17\n'},
  ])
  expect(java.lines.join('\n')).toMatch(
    / ! {5}What can be had could not be asked \(jdks\):\n[\s\S]* ! {5}Reason: \S+ could not be reached\. This is not about your app\.\n[\s\S]* ! {5}Push rejected, failed to compile Java app\./,
  )
  const node = await shop.compile([{path: 'package.json', text: '{}'}])
  expect(node.lines.join('\n')).toMatch(
    / ! {5}(?:The versions of )?node-linux-\S+ could not be (?:listed|downloaded) from the npm registry:\n[\s\S]* ! {5}Reason: \S+ could not be reached\. This is not about your app\./,
  )
}, 300_000)
