import {describe, expect, it} from 'vitest'
import {configDifferences, configText, parseConfigText} from '../../../src/lib/cli/config-text.js'

describe('configText', () => {
  it('is read back unchanged, whatever the values are', () => {
    const vars = {
      EMPTY: '',
      PLAIN: 'a-b_c.d/e:f@g',
      QUOTES: `it's "so" \`quoted\``,
      DOLLARS: '$HOME $(y) \\ \\n',
      LINES: 'one\ntwo\n\n three ',
      BLANKS: '  x  ',
      HASH: 'a # b',
      UNICODE: 'żółć 🐢',
    }
    expect(parseConfigText(configText(vars))).toEqual(vars)
  })

  it('has a line for each name, sorted', () => {
    expect(configText({B: 'two words', A: '1', C: ''})).toBe("A=1\nB='two words'\nC=\n")
  })
})

describe('parseConfigText', () => {
  it('takes what people type', () => {
    expect(parseConfigText('# mine\n\nexport A=1  \r\n  B="x \\"y\\" $z"\nC=a\\ b\'c d\'\n')).toEqual({A: '1', B: 'x "y" $z', C: 'a bc d'})
  })

  it.each([
    ['A=1\nnonsense\n', 'Line 2: expected NAME=value.'],
    ["A='x\ny'\n1B=2\n", 'Line 3: expected NAME=value.'],
    ['A=1\nB="open\nC=2\n', 'Line 2: a quote is not closed.'],
  ])('names the line that it cannot read in %j', (text, message) => {
    expect(() => parseConfigText(text)).toThrow(message)
  })
})

describe('configDifferences', () => {
  it('tells what was added, changed and removed', () => {
    expect(configDifferences({A: '1', B: '2', C: '3'}, {A: '1', B: 'x', D: '4'})).toEqual([
      {name: 'B', before: '2', after: 'x'},
      {name: 'C', before: '3', after: undefined},
      {name: 'D', before: undefined, after: '4'},
    ])
  })
})
