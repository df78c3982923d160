import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {commandLine, guardRunLine, parseEnvFlag, splitRunLine} from '../../../src/lib/cli/run-line.js'

describe('splitRunLine', () => {
  test('flags after the first word of the command belong to the command', () => {
    expect(splitRunLine(['-a', 'demo', 'npm', 'run', 'x', '--flag', '-e', 'y'])).toEqual({
      own: ['-a', 'demo'],
      command: ['npm', 'run', 'x', '--flag', '-e', 'y'],
    })
  })

  test('everything after -- belongs to the command, though it names an app', () => {
    expect(splitRunLine(['--size', 'standard-2x', '--', 'tool', '--app', 'demo'])).toEqual({
      own: ['--size', 'standard-2x'],
      command: ['tool', '--app', 'demo'],
    })
  })

  test('an app at the end of the line is ours when none was named before', () => {
    expect(splitRunLine(['rails', 'console', '-a', 'demo'])).toEqual({own: ['--app', 'demo'], command: ['rails', 'console']})
    expect(splitRunLine(['bash', '--app=demo'])).toEqual({own: ['--app=demo'], command: ['bash']})
    expect(splitRunLine(['--app', 'demo', 'tool', '--app', 'other'])).toEqual({
      own: ['--app', 'demo'],
      command: ['tool', '--app', 'other'],
    })
    expect(splitRunLine(['--app=demo', 'tool', '-a', 'other']).command).toEqual(['tool', '-a', 'other'])
  })

  test('a flag that only looks like an app stays with the command', () => {
    expect(splitRunLine(['ls', '-a']).command).toEqual(['ls', '-a'])
    expect(splitRunLine(['ls', '-a', '/tmp']).command).toEqual(['ls', '-a', '/tmp'])
  })

  test('the dyno of run:inside comes before the command, flags may stand around it', () => {
    expect(splitRunLine(['web.1', '-a', 'demo', 'ls', '-l'], 1)).toEqual({own: ['web.1', '-a', 'demo'], command: ['ls', '-l']})
  })

  test('a line without a command has none', () => {
    expect(splitRunLine(['-a', 'demo', '-x'])).toEqual({own: ['-a', 'demo', '-x'], command: []})
    expect(splitRunLine([])).toEqual({own: [], command: []})
  })
})

describe('guardRunLine', () => {
  test('no parser of ours looks for flags in the command of a one-off dyno', () => {
    expect(guardRunLine(['run', 'node', '--help', '--app', 'demo'])).toEqual(['run', '--app', 'demo', '--', 'node', '--help'])
    expect(guardRunLine(['run:inside', '-a', 'demo', 'web.1', 'ps', '--help'])).toEqual([
      'run:inside',
      '-a',
      'demo',
      'web.1',
      '--',
      'ps',
      '--help',
    ])
    expect(guardRunLine(['ps:exec', '-d', 'web.2', 'ps', '--help'])).toEqual(['ps:exec', '-d', 'web.2', '--', 'ps', '--help'])
    expect(guardRunLine(['ps', 'exec', 'ls', '--help'])).toEqual(['ps', 'exec', '--', 'ls', '--help'])
    expect(guardRunLine(['run', 'detached', 'ls', '--version'])).toEqual(['run', 'detached', '--', 'ls', '--version'])
  })

  test.each([[['run', '--help']], [['run']], [['ps', 'web', '--help']], [[]], [['run', '--app', 'demo', '--', 'node', '--help']]])(
    '%j stays as it is',
    args => {
      expect(guardRunLine(args)).toEqual(args)
    },
  )
})

describe('commandLine', () => {
  test('one word is left to the shell of the dyno', () => {
    expect(commandLine(['echo "$HOME" && ls'])).toBe('echo "$HOME" && ls')
  })

  test.each([
    [['a b', 'c']],
    [["it's", '"quoted"']],
    [['$HOME', '*', '&&', '']],
    [['back\\slash', 'new\nline', '~']],
    [['--flag=x', 'a=1', './p/q.js']],
  ])('several words reach the command as they are: %j', words => {
    const script = commandLine(['printf', '%s\\0', ...words])
    expect(execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(words)
  })

  test('plain words are not quoted', () => {
    expect(commandLine(['npm', 'run', 'x', '--', '--flag=1'])).toBe('npm run x -- --flag=1')
  })
})

describe('parseEnvFlag', () => {
  test('semicolons part the variables, and values keep their equals signs', () => {
    expect(parseEnvFlag('A=1;B=x=y; C = z ')).toEqual({A: '1', B: 'x=y', C: 'z'})
    expect(parseEnvFlag('A=')).toEqual({A: ''})
  })

  test('what is not NAME=value is refused', () => {
    expect(parseEnvFlag('A=1;nonsense')).toBeUndefined()
    expect(parseEnvFlag('=1')).toBeUndefined()
  })
})
