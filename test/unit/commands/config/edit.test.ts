import {expect, it} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withVars(...words: string[]): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.run('create demo --no-remote')
  await platform.run(['config:set', ...words, '--app', 'demo'])
  return platform
}

const vars = (platform: TestPlatform): Promise<object> => platform.api('GET', '/apps/demo/config-vars')

/** An editor that is a sed script. */
const sed = (script: string): NodeJS.ProcessEnv => ({VISUAL: `sed -i -e '${script}'`})

it('shows what was changed, added and removed, and sets it in one release', async () => {
  await using platform = await withVars('A=1', 'B=two words', 'C=3')
  const env = sed('s/^A=1/A=one/; s/^C=3/D=4/')
  const {stdout, stderr, exitCode} = await platform.run('config:edit --app demo --confirm demo', {env})
  expect(stdout).toBe('\nConfig Diff:\n- A=1\n+ A=one\n- C=3\n+ D=4\n\n')
  expect(stderr).toMatch(/^Updating config and restarting demo\.\.\. done, v\d+\n$/)
  expect(exitCode).toBe(0)
  expect(await vars(platform)).toEqual({A: 'one', B: 'two words', D: '4'})
})

it('edits the value of one var, without the newline that editors add', async () => {
  await using platform = await withVars('A=1', 'B=2')
  const {stdout} = await platform.run('config:edit B --app demo --confirm demo', {env: sed('s/2/x y/; $a more')})
  expect(stdout).toContain("- B=2\n+ B='x y\nmore'\n")
  expect(await vars(platform)).toEqual({A: '1', B: 'x y\nmore'})
})

it('does nothing when nothing was changed', async () => {
  await using platform = await withVars('A=1')
  const {stdout, stderr} = await platform.run('config:edit --app demo --confirm demo', {env: {VISUAL: 'true'}})
  expect({stdout, stderr}).toEqual({stdout: '', stderr: ' ›   Warning: no changes to config\n'})
})

it('refuses when somebody else has changed the config meanwhile', async () => {
  await using platform = await withVars('A=1')
  const change = `${process.execPath} -e 'const r = require("http").request({socketPath: "${platform.home.socket}", path: "/apps/demo/config-vars", method: "PATCH", headers: {"content-type": "application/json"}}); r.end(JSON.stringify({Z: "9"}))'`
  const env = {VISUAL: `${change} && sed -i s/1/2/`}
  const {stderr, exitCode} = await platform.run('config:edit --app demo --confirm demo', {env})
  expect(stderr).toContain('Config changed on server. Refusing to update.')
  expect(exitCode).toBe(1)
  expect(await vars(platform)).toEqual({A: '1', Z: '9'})
})

it('changes nothing when the text cannot be read, the editor fails, or the confirmation is another', async () => {
  await using platform = await withVars('A=1')
  const broken = await platform.run('config:edit --app demo --confirm demo', {env: sed('$a nonsense')})
  expect(broken).toMatchObject({exitCode: 2, stderr: expect.stringContaining('Line 2: expected NAME=value.')})
  const failed = await platform.run('config:edit --app demo --confirm demo', {env: {VISUAL: 'false'}})
  expect(failed).toMatchObject({exitCode: 1, stderr: expect.stringContaining('Nothing was changed.')})
  const other = await platform.run('config:edit --app demo --confirm other', {env: sed('s/1/2/')})
  expect(other).toMatchObject({exitCode: 1, stderr: expect.stringContaining('Confirmation other did not match demo.')})
  expect(await vars(platform)).toEqual({A: '1'})
})

it('does not open an editor where nobody can be asked', async () => {
  await using platform = await withVars('A=1')
  const {stderr, exitCode} = await platform.run('config:edit --app demo', {env: {VISUAL: 'sleep 100'}})
  expect(stderr).toContain('There is no terminal here, and config:edit opens an editor')
  expect(exitCode).toBe(2)
})
