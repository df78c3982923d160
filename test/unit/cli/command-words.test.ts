import {describe, expect, it} from 'vitest'
import {commandWords} from '../../../src/lib/cli/command-words.js'
import {nearest} from '../../../src/lib/cli/nearest.js'

const command = (...aliases: string[]) => ({aliases, hiddenAliases: [], relativePath: []})
const table = {apps: command('list'), 'apps:info': command('info'), run: command(), 'run:detached': command()}

describe('the words of a command', () => {
  it.each([
    ['apps:info -a demo', 'apps:info', '-a demo'],
    ['apps info -a demo', 'apps:info', '-a demo'],
    ['info -a demo', 'apps:info', '-a demo'],
    ['apps demo', 'apps', 'demo'],
    ['list', 'apps', ''],
    ['run bash -c ls', 'run', 'bash -c ls'],
    ['run detached ls', 'run:detached', 'ls'],
    ['run A=1 detached', 'run', 'A=1 detached'],
  ])('%s is %s', (line, id, rest) => {
    expect(commandWords(line.split(' '), table)).toEqual({id, argv: rest.split(' ').filter(Boolean)})
  })

  it.each(['', '--help', 'nope', 'nope:info', 'constructor'])('%j is none', line => {
    expect(commandWords(line.split(' ').filter(Boolean), table)).toBeUndefined()
  })
})

describe('did you mean', () => {
  it.each([
    ['confg', 'config'],
    ['ocnfig', 'config'],
    ['ps:sclae', 'ps:scale'],
    ['zzzzzz', undefined],
  ])('%s: %s', (word, meant) => expect(nearest(word, ['config', 'ps:scale', 'apps'])).toBe(meant))
})
