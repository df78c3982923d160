import {expect, it} from 'vitest'
import type {Source} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {healthChecksOf} from '../../../../src/lib/runtime/slugs/health-checks.js'

const lines: string[] = []
const read = (text: string | undefined) =>
  healthChecksOf(
    {text: async (path: string) => (path === 'app.json' ? text : undefined)} as Partial<Source> as Source,
    line => void lines.push(line),
  )

it('has the checks that app.json asks for, with what they leave out', async () => {
  expect(await read('{"name": 5, "healthchecks": {"web": [{"path": "/ready"}], "worker": []}}')).toEqual({
    web: [{type: 'startup', path: '/ready', scheme: 'http', initialDelay: 0, attempts: 3, wait: 5, timeout: 5, warn: false}],
    worker: [],
  })
})

it.each([undefined, '{}', '{"healthchecks": {}}', '{"healthchecks": {"web": []}}', 'healthchecks: no json', '{"expo": {"name": "x"}}'])(
  'has none of %j',
  async text => {
    expect(await read(text)).toBeUndefined()
  },
)

it('rejects what is wrong with them, all at once', async () => {
  const text = '{"healthchecks": {"web": [{"path": "ready"}, {"uptime": 1, "command": ["x"]}, {"attempts": 0, "listening": true}]}}'
  await expect(read(text)).rejects.toThrow(
    [
      'app.json:1:36 healthchecks.web.0.path: should begin with /',
      'app.json:1:46 healthchecks.web.1: should have one of path, command, uptime, listening',
      'app.json:1:92 healthchecks.web.2.attempts: should be 1 or more',
    ].join('\n'),
  )
})

it('says that readiness checks are not made', async () => {
  await read('{"healthchecks": {"web": [{"type": "readiness", "path": "/"}]}}')
  expect(lines).toEqual([
    ' !     app.json: readiness checks of web are not made here: a dyno gets requests once its startup checks have passed.',
  ])
})
