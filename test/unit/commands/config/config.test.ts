import {describe, expect, it} from 'vitest'
import {startTestPlatform} from '../../../support/platform.js'

describe('config', () => {
  it('sets several vars in one release and prints what was set', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo --no-remote')
    const result = await platform.run(['config:set', 'A=1', 'B=two words', 'URL=http://x/?a=b', '--app', 'demo'])
    expect(result).toEqual({
      exitCode: 0,
      stdout: 'A:   1\nB:   two words\nURL: http://x/?a=b\n',
      stderr: expect.stringMatching(/^Setting A, B, URL and restarting demo\.\.\. done, v\d+\n$/),
    })
    expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual({A: '1', B: 'two words', URL: 'http://x/?a=b'})
  })
})
