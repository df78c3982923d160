import {afterAll, beforeAll, expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine, ImageRef} from '../../src/lib/engine/engine.js'
import {askClient, clientImage} from '../support/addon-client.js'
import {addonWorld} from '../support/addon-world.js'

let engine: Engine
let image: ImageRef
beforeAll(async () => {
  engine = await connectDocker()
  image = await clientImage(engine)
}, 600_000)
afterAll(() => engine.close())

/** What each API says to what only it can do and to faults, and then who got which subject and text, with a header. */
const calls: Record<string, string[]> = {
  mailgun: [
    '200',
    '404',
    `[400,"Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"]`,
    '[400,"to parameter is missing"]',
    '[404,"Domain not found: other.example"]',
    'a@example.com | Hi Ada | no. 1 | one',
    'b@example.com | Hi Bob | no. 2 | one',
    'form@example.com | F | x | ',
    'mime@example.com | MIME | x | ',
    't@example.com | T | template: welcome/{"a":1} | ',
  ],
  sendgrid: [
    '200',
    '404',
    '[400,"subject"]',
    'ada@example.com | Hi Ada | for Ada: $$5 | one',
    'bob@example.com | Hi Bob | for Bob: $$5 | one',
    'key@example.com | K | x | ',
    't@example.com |  | template: d-1/{/  "a": 1/} | ',
  ],
  postmark: [
    '[0,300,0]',
    '[404,0]',
    '[422,300]',
    '[422,300]',
    'a@example.com | A | x | one',
    'b@example.com | B | x | ',
    't@example.com | template: welcome | template: welcome/{/  "a": 1/} | ',
  ],
}

test.each(Object.entries(calls))(
  '%s answers its own library’s further calls as the service does',
  async (service, expected) => {
    await using world = await addonWorld({engine})
    await world.addons.create(world.demo, {plan: service}, 'me@example.com')
    await world.addons.idle()
    const said = await askClient(world, 'demo', image, [`${service}.mjs`, 'more', service.toUpperCase()])
    expect(said.split('\n').filter(Boolean).toSorted()).toEqual(expected.toSorted())
  },
  600_000,
)

test('what is attached to a mail is no page of the mailbox, and clients that are gone end nothing', {timeout: 600_000}, async () => {
  await using world = await addonWorld({engine})
  await world.addons.create(world.demo, {plan: 'mailgun'}, 'me@example.com')
  await world.addons.idle()
  expect(await askClient(world, 'demo', image, ['mailgun.mjs', 'disturb', 'MAILGUN'])).toBe('200 sandbox\n200 sandbox\ngoes on\n')
})
