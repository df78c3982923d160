import {describe, expect, test} from 'vitest'
import {parseProcfile} from '../../../src/lib/schema/procfile.js'

describe('Procfile', () => {
  test('the colon is optional and leading spaces are allowed, as in the classic grammar', () => {
    expect(parseProcfile('web foo\n  worker: bar baz  \n').processTypes).toEqual({web: 'foo', worker: 'bar baz'})
  })

  test('carriage returns never reach a command', () => {
    expect(parseProcfile('web: node server.js\r\nworker: node w.js\r\n')).toEqual({
      processTypes: {web: 'node server.js', worker: 'node w.js'},
      warnings: [],
    })
  })

  test('the last of two lines with one name wins, and is warned about', () => {
    expect(parseProcfile('web: a\nweb: b\n')).toEqual({
      processTypes: {web: 'b'},
      warnings: ['Procfile: web is declared more than once; the last line counts'],
    })
  })

  test('what looks like YAML or shell stays the command it is', () => {
    const command = 'bin/x --json \'{"a": [1]}\' && FOO="b: c" y | tee log # not a comment'
    expect(parseProcfile(`web: ${command}`).processTypes).toEqual({web: command})
  })

  test('a line that does not match is skipped with its place, comments and blank lines in silence', () => {
    expect(parseProcfile('# hi\n\nweb:cmd\nworker:\n{list}\n<<<<<<< HEAD\n')).toEqual({
      processTypes: {},
      warnings: [
        'Procfile:3: skipped, there is no space after the colon: web:cmd',
        'Procfile:4: skipped, there is no command: worker:',
        'Procfile:5: skipped, not of the form "type: command": {list}',
        'Procfile:6: a merge conflict is left in this file',
      ],
    })
  })

  test('names keep their case', () => {
    expect(parseProcfile('Web: a').processTypes).toEqual({Web: 'a'})
  })
})
