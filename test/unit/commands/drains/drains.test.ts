import {afterAll, beforeAll, expect, it} from 'vitest'
import {eventually} from '../../../support/eventually.js'
import type {TestPlatform} from '../../../support/platform.js'
import {httpReceiver} from '../../runtime/log-drains/receivers.js'
import {startDemo} from '../demo.js'

let platform: TestPlatform
let receiver: Awaited<ReturnType<typeof httpReceiver>>

beforeAll(async () => {
  platform = await startDemo()
  receiver = await httpReceiver()
})
afterAll(async () => {
  receiver.close()
  await platform[Symbol.asyncDispose]()
})

it('drains:add sends the log of the app there, drains lists it, drains:remove ends it', async () => {
  const url = `http://127.0.0.1:${receiver.port}/logs`
  expect((await platform.run('drains --app demo')).stdout).toBe('')
  expect(await platform.run(`drains:add ${url} --app demo`)).toMatchObject({exitCode: 0, stdout: `Successfully added drain ${url}\n`})
  await platform.run('config:set A=b --app demo')
  await eventually(() => expect(receiver.messages().join('\n')).toContain('host app api - Set A config vars by user'))

  const [drain] = JSON.parse((await platform.run('drains --app demo --json')).stdout)
  expect(drain).toMatchObject({url, addon: null, app: {name: 'demo'}, token: expect.stringMatching(/^d\.[0-9a-f-]{36}$/)})
  expect((await platform.run('drains --app demo')).stdout).toBe(`=== Drains\n\n${url} (${drain.token})\n`)
  expect(await platform.api('GET', `/apps/demo/log-drains/${encodeURIComponent(url)}`)).toEqual(drain)

  expect(await platform.run(`drains:remove ${url} --app demo`)).toMatchObject({exitCode: 0, stdout: `Successfully removed drain ${url}\n`})
  expect((await platform.run('drains --app demo --json')).stdout.trim()).toBe('[]')
})

it('drains:add says which URLs there are, drains:remove that there is no such drain', async () => {
  const added = await platform.run('drains:add logs.example.com --app demo')
  expect(added.exitCode).toBe(1)
  expect(added.stderr.replace(/\s+›?\s*/g, ' ')).toContain('logs.example.com is none of syslog://host:port')
  const removed = await platform.run('drains:remove syslog://nowhere:1 --app demo')
  expect(removed.exitCode).toBe(1)
  expect(removed.stderr).toContain("Couldn't find that log drain.")
})
