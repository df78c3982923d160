import {describe, expect, it} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withDemo(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.run('create demo --no-remote')
  return platform
}

describe('config:set', () => {
  it('sets several vars in one release and prints what was set', async () => {
    await using platform = await withDemo()
    const result = await platform.run(['config:set', 'A=1', 'B=two words', 'URL=http://x/?a=b', '--app', 'demo'])
    expect(result).toEqual({
      exitCode: 0,
      stdout: 'A:   1\nB:   two words\nURL: http://x/?a=b\n',
      stderr: expect.stringMatching(/^Setting A, B, URL and restarting demo\.\.\. done, v\d+\n$/),
    })
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({A: '1', B: 'two words', URL: 'http://x/?a=b'})
  })

  it.each([
    ['config:set --app demo', 'Must specify KEY and VALUE to set.'],
    ['config:set A --app demo', 'A is invalid. Must be in the format FOO=bar.'],
    ['config:set =1 --app demo', '=1 is invalid. Must be in the format FOO=bar.'],
    ['config:unset --app demo', 'Must specify KEY to unset.'],
    ['config:get --app demo', 'Must specify KEY to get.'],
  ])('%s is a usage error', async (command, message) => {
    await using platform = await withDemo()
    const result = await platform.run(command)
    expect(result).toMatchObject({exitCode: 2, stdout: ''})
    expect(result.stderr).toContain(message)
  })

  it('changes nothing when one of the words is wrong', async () => {
    await using platform = await withDemo()
    await platform.run('config:set A=1 B --app demo')
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({})
  })
})

describe('config', () => {
  it('prints config vars sorted, and as a shell reads them with -s', async () => {
    await using platform = await withDemo()
    await platform.run(['config:set', 'LONG=b c', "A=it's", '-a', 'demo'])
    expect((await platform.run('config -a demo')).stdout).toBe("=== demo Config Vars\n\nA:    it's\nLONG: b c\n")
    expect((await platform.run('config -s -a demo')).stdout).toBe("A='it'\\''s'\nLONG='b c'\n")
  })

  it("prints the API's JSON and nothing else with --json", async () => {
    await using platform = await withDemo()
    await platform.run('config:set A=1 -a demo')
    const {stdout, stderr} = await platform.run('config --json -a demo')
    expect(JSON.parse(stdout)).toEqual({A: '1'})
    expect(stderr).toBe('')
  })

  it('says so when there are none', async () => {
    await using platform = await withDemo()
    expect((await platform.run('config -a demo')).stdout).toBe('demo has no config vars.\n')
  })
})

describe('config:get and config:unset', () => {
  it('prints one value a line, an empty one for what is not set', async () => {
    await using platform = await withDemo()
    await platform.run(['config:set', 'A=1', 'B=x y', '-a', 'demo'])
    expect((await platform.run('config:get A NOPE B -a demo')).stdout).toBe('1\n\nx y\n')
    expect((await platform.run('config:get B -s -a demo')).stdout).toBe("B='x y'\n")
    expect(JSON.parse((await platform.run('config:get A NOPE --json -a demo')).stdout)).toEqual({A: '1', NOPE: null})
  })

  it('removes vars', async () => {
    await using platform = await withDemo()
    await platform.run('config:set A=1 B=2 -a demo')
    const {stderr} = await platform.run('config:unset A -a demo')
    expect(stderr).toMatch(/^Unsetting A and restarting demo\.\.\. done, v\d+\n$/)
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({B: '2'})
  })
})
