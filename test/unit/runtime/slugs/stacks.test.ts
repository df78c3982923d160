import {join} from 'node:path'
import {expect, test} from 'vitest'
import {memoryEngine} from '../../../../src/lib/engine/memory/memory-engine.js'
import {createStacks} from '../../../../src/lib/runtime/slugs/stacks.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'

const directory = join(import.meta.dirname, '../../../../stacks')

function yard(now = new Date('2026-11-25T10:00:00Z')) {
  const engine = memoryEngine()
  const lines: string[] = []
  const clock = {...systemClock, now: () => now}
  return {
    engine,
    lines,
    wait: {onLine: (line: string) => void lines.push(line)},
    stacks: createStacks({engine, clock, directory, proxies: {}}),
  }
}

test('a stack is built once, by its alias too', async () => {
  const {engine, lines, stacks, wait} = yard()
  const [one, two] = await Promise.all([stacks.ensure('heroku-24', wait), stacks.ensure('heroku-22', wait)])
  expect([one, await stacks.ensure('heroku-24', wait)]).toEqual([two, two])
  expect(engine.builds.map(build => build.target)).toEqual(['run', 'build'])
  expect(lines).toContain('-----> Preparing the stack (once)')
})

test('an update is a stack of its own, which the builds that follow use; the old one stays', async () => {
  const {engine, stacks, wait} = yard()
  const before = await stacks.ensure('heroku-24', wait)
  const updated = await stacks.update(wait)
  expect(updated).toEqual({run: `${before.run}.20261125100000`, build: `${before.build}.20261125100000`})
  expect(await stacks.ensure('heroku-24', wait)).toEqual(updated)
  expect(await engine.image(before.run)).toBeDefined()
})

test('an update that ended halfway is not used', async () => {
  const {engine, stacks, wait} = yard()
  const before = await stacks.ensure('heroku-24', wait)
  await stacks.update(wait)
  await engine.removeImage(`${before.build}.20261125100000`)
  expect(await stacks.ensure('heroku-24', wait)).toEqual(before)
})
