import {expect, test} from 'vitest'
import {mayMeasure, measurementsOf} from '../../../../src/lib/runtime/librato/measurements.js'
import {SeriesBuilder} from '../../../../src/lib/runtime/librato/series.js'

const at = '2026-11-30T01:02:03.000000+00:00'
const short = (line: string): string[] => measurementsOf(`${at} ${line}`).map(one => `${one.kind} ${one.name}=${one.value}${one.unit}`)

test.each([
  [
    'heroku[router]: at=info method=GET path="/?service=99ms" host=a request_id=1 fwd="::1" dyno=web.1 connect=1ms service=23ms status=200 bytes=5 protocol=http1.1 tls=false',
    ['measure router.service=23ms', 'measure router.connect=1ms', 'count router.status.2xx=1'],
  ],
  [
    'heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/" host=a dyno=web.1 connect=1ms service=30000ms status=503 bytes=0 protocol=http1.1 tls=false',
    ['measure router.service=30000ms', 'measure router.connect=1ms', 'count router.status.5xx=1', 'count router.error.H12=1'],
  ],
  ['heroku[web.1]: State changed from starting to up', ['count dyno.state.up=1']],
  ['heroku[web.1]: Error R14 (Memory quota exceeded)', ['count dyno.errors.R14=1']],
  [
    'heroku[web.1]: source=web.1 dyno=heroku.1.2 sample#memory_total=180.43MB sample#memory_swap=0.00MB',
    ['sample memory_total=180.43MB', 'sample memory_swap=0MB'],
  ],
  ['app[web.1]: count#jobs.worked=3 measure#db.latency=12.5ms source=x', ['count jobs.worked=3', 'measure db.latency=12.5ms']],
  ['app[web.1]: discount#x=3 and account', []],
])('%s', (line, found) => {
  expect(short(line)).toEqual(found)
  if (found.length > 0) expect(mayMeasure(`${at} ${line}`)).toBe(true)
})

test('points are stretches of time with how values spread, and none where nothing was said', () => {
  const builder = new SeriesBuilder(60)
  const said = {name: 'router.service', kind: 'measure', unit: 'ms'} as const
  for (let value = 1; value <= 100; value += 1) builder.add(new Date(60_000 * 10 + value), {...said, value})
  builder.add(new Date(60_000 * 12), {...said, value: 0})
  const [series] = builder.series()
  expect(series?.points.map(point => point.at)).toEqual([600, 720])
  const [point] = series?.points ?? []
  expect(point).toMatchObject({count: 100, sum: 5050, min: 1, max: 100})
  for (const [key, percent] of [
    ['p50', 50],
    ['p95', 95],
    ['p99', 99],
  ] as const)
    expect(Math.abs((point?.[key] ?? 0) - percent) / percent).toBeLessThan(0.02)
  expect(series?.points[1]).toMatchObject({count: 1, p50: 0, p99: 0})
})
