import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import type {Release} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withDemo(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.run('create demo --no-remote')
  return platform
}

const vars = (platform: TestPlatform): Promise<object> => platform.api('GET', '/apps/demo/config-vars')

it('sets what a .env file says in one release; words come before it', async () => {
  await using platform = await withDemo()
  const file = join(platform.home.root, 'demo.env')
  await writeFile(file, `# comment\nexport A=1\nB="two\\nlines" # more\nC='$HOME'\n`)
  const before = (await platform.api<Release[]>('GET', '/apps/demo/releases')).length
  const result = await platform.run(['config:set', '--file', file, 'A=mine', '--app', 'demo'])
  expect(result).toMatchObject({exitCode: 0, stderr: expect.stringMatching(/^Setting A, B, C and restarting demo\.\.\. done, v\d+\n$/)})
  expect(await vars(platform)).toEqual({A: 'mine', B: 'two\nlines', C: '$HOME'})
  expect(await platform.api('GET', '/apps/demo/releases')).toHaveLength(before + 1)
})

it('reads stdin for -, also what config --shell printed', async () => {
  await using platform = await withDemo()
  await platform.run(['config:set', "A=it's", 'B=x\ny', '--app', 'demo'])
  const {stdout} = await platform.run('config --shell --app demo')
  await platform.run('config:unset A B --app demo')
  expect(await platform.run('config:set - C=3 --app demo', {stdin: stdout})).toMatchObject({exitCode: 0})
  expect(await vars(platform)).toEqual({A: "it's", B: 'x\ny', C: '3'})
})

it.each([
  ['config:set - --app demo', 2, 'There is no KEY=value in stdin.'],
  ['config:set --file nope.env --app demo', 1, 'There is no file nope.env.'],
  ['config:set - 1 --app demo', 2, '1 is invalid. Must be in the format FOO=bar.'],
])('%s fails and changes nothing', async (command, exitCode, message) => {
  await using platform = await withDemo()
  expect(await platform.run(command, {stdin: command.includes('- 1') ? 'A=1\n' : ''})).toMatchObject({
    exitCode,
    stderr: expect.stringContaining(message),
  })
  expect(await vars(platform)).toEqual({})
})
