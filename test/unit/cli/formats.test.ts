import {describe, expect, it} from 'vitest'
import {banged} from '../../../src/lib/cli/formats/bang.js'
import {formatSize} from '../../../src/lib/cli/formats/size.js'
import {shellQuote, styledObject} from '../../../src/lib/cli/formats/styled.js'
import {renderTable} from '../../../src/lib/cli/formats/table.js'
import {since} from '../../../src/lib/cli/formats/time.js'

describe('a table', () => {
  it('has two spaces before, three between columns, and a rule under the header', async () => {
    const rows = [
      {type: 'web', size: 'Basic'},
      {type: 'worker', size: 'Standard-1X'},
    ]
    expect((await renderTable(rows, {type: row => row.type, size: row => row.size})).join('\n')).toBe(
      ['  type     size', ' ──────────────────────', '  web      Basic', '  worker   Standard-1X'].join('\n'),
    )
  })

  it('counts wide characters and colours as they show', async () => {
    const lines = await renderTable([{name: '日本'}, {name: '\u001b[31mab\u001b[39m'}], {name: row => row.name, n: () => 1})
    expect(lines.slice(2)).toEqual(['  日本   1', '  \u001b[31mab\u001b[39m     1'])
  })
})

describe('a styled object', () => {
  it('starts values in one column, puts lists below each other and leaves out what is absent', () => {
    expect(styledObject({Addons: ['a', 'b'], Owner: 'me', Pipeline: undefined, Others: []})).toEqual([
      'Addons: a',
      '        b',
      'Owner:  me',
    ])
  })
})

describe('small formats', () => {
  it.each([
    ['plain', 'plain'],
    ['two words', "'two words'"],
    ["it's", String.raw`'it'\''s'`],
    ['', "''"],
    ['$HOME', "'$HOME'"],
  ])('a shell reads %s back', (text, quoted) => expect(shellQuote(text)).toBe(quoted))

  it.each([
    [0, '0 B'],
    [12_288, '12 KB'],
    [34_603_008, '33 MB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

  it.each([
    [59, '~ 59s ago'],
    [60, '~ 1m ago'],
    [3600, '~ 1h ago'],
    [24 * 3600, '~ 24h ago'],
    [25 * 3600, ''],
  ])('%i seconds are %s', (seconds, text) => expect(since(new Date(0), new Date(seconds * 1000))).toBe(text))

  it('wraps errors at a terminal and never elsewhere', () => {
    expect(banged('Error: one two three four five', 26)).toEqual([' ›   Error: one two three', ' ›   four five'])
    expect(banged('Error: a\n\nError ID: x', undefined)).toEqual([' ›   Error: a', ' ›', ' ›   Error ID: x'])
  })
})
