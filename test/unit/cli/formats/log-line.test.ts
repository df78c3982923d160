import {describe, expect, test} from 'vitest'
import {colorizeLogLine, dynoStyle, type Paint} from '../../../../src/lib/cli/formats/log-line.js'

const marked: Paint = (style, text) => `<${style}>${text}</>`
const plain: Paint = (_style, text) => text
const at = '2026-11-22T11:11:31.967000+00:00'

describe('colorizeLogLine', () => {
  test('the header of a line has the colour of its dyno, the text of the app none', () => {
    expect(colorizeLogLine(`${at} app[web.1]: hello`, marked)).toBe(`<${dynoStyle('web.1')}>${at} app[web.1]:</> hello`)
  })

  test('what the platform says is dim, and states stand out', () => {
    expect(colorizeLogLine(`${at} heroku[web.1]: Restarting`, marked)).toContain('<dim> Restarting</>')
    expect(colorizeLogLine(`${at} heroku[web.1]: State changed from starting to up`, marked)).toContain(
      '<dim> State changed from </><cyan>starting</><dim> to </><green>up</>',
    )
    expect(colorizeLogLine(`${at} heroku[web.1]: Process exited with status 1`, marked)).toContain('<red>1</>')
    expect(colorizeLogLine(`${at} heroku[web.1]: Process exited with status 0`, marked)).toContain('<green>0</>')
    expect(colorizeLogLine(`${at} heroku[web.1]: Error R10 (Boot timeout) -> Web process failed`, marked)).toContain('<red> Error R10')
  })

  test('the router shows status and times by how bad they are', () => {
    const line = `${at} heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/a b=c" dyno=web.2 connect=1ms service=30000ms status=503 bytes=`
    expect(colorizeLogLine(line, marked).slice(line.indexOf(' at=') + `<${dynoStyle('router')}></>`.length)).toBe(
      ` <dim>at=</><red>error</> <dim>code=</><red><bold>H12</></> <dim>desc=</><dim>"Request timeout"</> <dim>method=</><magenta>GET</> <dim>path=</><green>"/a b=c"</> <dim>dyno=</><${dynoStyle('web.2')}>web.2</> <dim>connect=</><green>1ms</> <dim>service=</><red>30000ms</> <dim>status=</><red>503</> <dim>bytes=</>`,
    )
    expect(
      ['200', '304', '404', '500', '101'].map(
        status => colorizeLogLine(`${at} heroku[router]: status=${status}`, marked).split('status=</>')[1],
      ),
    ).toEqual(['<green>200</>', '<cyan>304</>', '<yellow>404</>', '<red>500</>', '101'])
  })

  test('a notice of the API names its user in green, a failed build is red', () => {
    expect(colorizeLogLine(`${at} app[api]: Release v3 created by user me@example.com`, marked)).toContain(
      'by user <green>me@example.com</>',
    )
    expect(colorizeLogLine(`${at} app[api]: Build failed -- check your build output: x`, marked)).toContain('<red> Build failed')
  })

  test('without paint every line stays what it was, and so does a line of another form', () => {
    const lines = [
      `${at} heroku[router]: at=info method=GET  path="/" status=200 connect=0ms`,
      `${at} heroku[web.1]: State changed from starting to up`,
      `${at} app[web.1]:   indented\ttext `,
      `${at} app[api]: Deploy 1a2b3c4d by user me@example.com`,
      'not a log line',
      '',
    ]
    for (const line of lines) expect(colorizeLogLine(line, plain)).toBe(line)
    expect(colorizeLogLine('not a log line', marked)).toBe('not a log line')
  })
})

test('a dyno has one colour for good, and the dynos of a formation do not all share it', () => {
  expect(dynoStyle('web.1')).toBe(dynoStyle('web.1'))
  expect(new Set(['web.1', 'web.2', 'web.3', 'worker.1', 'router'].map(dynoStyle)).size).toBeGreaterThan(2)
})
