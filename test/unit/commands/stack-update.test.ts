import {expect, test} from 'vitest'
import {startTestPlatform} from '../../support/platform.js'

test('stack:update names the new images and when apps get them', async () => {
  await using platform = await startTestPlatform()
  const {exitCode, stderr, stdout} = await platform.run('stack:update')
  expect([exitCode, stderr]).toEqual([0, 'Updating the stack... done\n'])
  expect(stdout).toBe('hokku/heroku-24:1.2\nApps use it from their next build on.\n')
})

test('runtime:status says what is being prepared', async () => {
  await using platform = await startTestPlatform()
  expect((await platform.run('runtime:status')).stdout).not.toContain('Preparing')
  platform.compiler.preparing = () => [{what: 'the stack heroku-24', since: new Date(), line: 'Building hokku/heroku-24:1'}]
  expect((await platform.run('runtime:status')).stdout).toMatch(/Preparing: +the stack heroku-24 .*Building hokku\/heroku-24:1/)
})
