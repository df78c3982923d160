import {expect, test} from 'vitest'
import type {Release} from '../../../../src/lib/schema/resources.js'
import {eventually} from '../../../support/eventually.js'
import type {TestPlatform} from '../../../support/platform.js'
import {startDemo} from '../demo.js'

const newest = async (platform: TestPlatform): Promise<Release> =>
  (await platform.api<Release[]>('GET', '/apps/demo/releases')).reduce((a, b) => (a.version > b.version ? a : b))

test('releases are listed newest first under the current one', async () => {
  await using platform = await startDemo()
  const {stdout} = await platform.run('releases --app demo')
  const lines = stdout.split('\n')
  expect(lines[0]).toBe('=== demo Releases - Current: v3')
  expect(lines[2]).toMatch(/^ {2}v {4}description {7}user +created_at$/)
  expect(lines.slice(4, 7).map(line => line.trim().split(/ {3}/)[0])).toEqual(['v3', 'v2', 'v1'])
  expect((await platform.run('releases -n 1 --app demo')).stdout.split('\n').filter(line => /^ {2}v\d/.test(line))).toHaveLength(1)
})

test('releases --json is what the API answers', async () => {
  await using platform = await startDemo()
  const {stdout} = await platform.run('releases --app demo --json')
  expect((JSON.parse(stdout) as Release[]).map(({version, current}) => [version, current])).toEqual([
    [3, true],
    [2, false],
    [1, false],
  ])
})

test('releases:info shows a release and its config vars', async () => {
  await using platform = await startDemo()
  await platform.api('PATCH', '/apps/demo/config-vars', {GREETING: 'two words'})
  const {stdout} = await platform.run('releases:info v4 --app demo')
  expect(stdout).toContain('=== Release v4\n\n')
  expect(stdout).toContain('Change:                 Set GREETING config vars\n')
  expect(stdout).toContain('Eligible for Rollback?: Yes\n')
  expect(stdout).toContain('\n=== v4 Config vars\n\nGREETING: two words\n')
  expect((await platform.run('releases:info 4 -s --app demo')).stdout).toContain("GREETING='two words'\n")
  const asked = JSON.parse((await platform.run('releases:info --json --app demo')).stdout)
  expect(asked).toEqual(await newest(platform))
})

test('a rollback restores config vars, and both warnings are said', async () => {
  await using platform = await startDemo()
  await platform.api('PATCH', '/apps/demo/config-vars', {GREETING: 'hello'})
  const {stdout, stderr, exitCode} = await platform.run('rollback v3 --app demo')
  expect(stderr).toContain('Rolling back demo to v3... done, v5\n')
  expect(stderr).toContain(" ›   Warning: Rollback affects code and config vars; it doesn't add or remove addons.\n")
  expect(stderr).toContain(' ›   Warning: To undo, run: hokku rollback v4\n')
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 0})
  expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({})
})

test('a rollback without a version goes to the release before', async () => {
  await using platform = await startDemo()
  await platform.api('PATCH', '/apps/demo/config-vars', {GREETING: 'hello'})
  expect((await platform.run('releases:rollback --app demo')).stderr).toContain('Rolling back demo to v3... done, v5\n')
})

test('there may be nothing to roll back to, or no such release', async () => {
  await using platform = await startDemo()
  expect(await platform.run('rollback --app demo')).toMatchObject({
    stderr: ' ›   Error: No eligible release found for demo to roll back to.\n',
    exitCode: 1,
  })
  expect((await platform.run('rollback v99 --app demo')).stderr).toContain("Couldn't find that release.")
})

test('the output of a release command can be read while it is there, and a release without one says so', async () => {
  await using platform = await startDemo('web: serve\nrelease: echo migrated\n')
  await eventually(async () => expect((await newest(platform)).status).toBe('succeeded'))
  const {stdout, exitCode} = await platform.run('releases:output --app demo')
  expect(stdout).toContain('migrated')
  expect(exitCode).toBe(0)
  expect(await platform.run('releases:output v1 --app demo')).toEqual({
    stdout: '',
    stderr: ' ›   Warning: Release v1 has no release output available.\n',
    exitCode: 0,
  })
})

test('a retry runs the release command of the newest release again', async () => {
  await using platform = await startDemo('web: serve\nrelease: echo migrated\n')
  await eventually(async () => expect((await newest(platform)).status).toBe('succeeded'))
  const {stdout, stderr} = await platform.run('releases:retry --app demo')
  expect(stderr).toContain('Retrying v3 on demo... done, v4\n')
  expect(stdout).toContain('Running release command...\n')
  expect((await newest(platform)).description).toMatch(/^Retry of v3: Deploy/)
})

test('without a release command there is nothing to retry', async () => {
  await using platform = await startDemo()
  expect(await platform.run('releases:retry --app demo')).toMatchObject({
    stderr: ' ›   Error: App must have a release-phase command to use this command.\n',
    exitCode: 1,
  })
})
