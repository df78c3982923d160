import {expect, test} from 'vitest'
import {releaseColumns, releaseStatus} from '../../../../src/lib/cli/formats/releases.js'
import {renderTable} from '../../../../src/lib/cli/formats/table.js'
import {formatTime} from '../../../../src/lib/cli/formats/time.js'
import {paletteFor} from '../../../../src/lib/cli/palette.js'
import type {Release} from '../../../../src/lib/schema/resources.js'

const now = new Date('2026-11-22T11:13:11Z')
const time = '2026-11-22T10:13:11Z'
const palette = await paletteFor({isTTY: false}, {})

function release(version: number, description: string, status: Release['status'] = 'succeeded'): Release {
  return {
    addon_plan_names: [],
    artifacts: [],
    app: {id: 'a', name: 'demo'},
    created_at: time,
    description,
    id: `release-${version}`,
    updated_at: time,
    oci_image: null,
    slug: null,
    status,
    user: {id: 'u', email: 'dev@example.com'},
    version,
    current: false,
    output_stream_url: null,
    eligible_for_rollback: true,
  }
}

async function table(releases: Release[], columns?: number): Promise<string[]> {
  return renderTable(releases, releaseColumns(releases, {palette, now, columns}))
}

test('releases look as on Heroku', async () => {
  const [header, , row] = await table([release(5, 'Set FOO config vars')])
  expect([header, row]).toEqual([
    '  v    description           user              created_at',
    `  v5   Set FOO config vars   dev@example.com   ${formatTime(new Date(time))} (~ 1h ago)`,
  ])
})

test('a release that is not simply there says why', async () => {
  const lines = await table([release(7, 'Deploy b', 'pending'), release(6, 'Deploy a', 'failed'), release(5, 'Deploy 9', 'expired')])
  expect(lines[2]).toContain('Deploy b release command executing ')
  expect(lines[3]).toContain('Deploy a release command failed ')
  expect(lines[4]).toContain('Deploy 9 release expired ')
  expect(releaseStatus({status: 'succeeded'})).toBeUndefined()
})

test('on a terminal descriptions are cut so that every line fits; without one they are whole', async () => {
  const releases = [release(12, 'Set A config vars '.repeat(20).trim()), release(11, 'x'.repeat(200), 'failed')]
  for (const width of [90, 120]) {
    const lines = (await table(releases, width)).filter(line => !line.includes('─'))
    expect(Math.max(...lines.map(line => line.length))).toBe(width)
    expect(lines[1]).toContain('…')
    expect(lines[2]).toContain('… release command failed')
  }
  expect((await table(releases))[2]).toContain('Set A config vars '.repeat(20).trim())
})
