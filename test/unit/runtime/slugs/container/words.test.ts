import {describe, expect, test} from 'vitest'
import type {BuildProgress} from '../../../../../src/lib/engine/engine.js'
import {dockerOutput} from '../../../../../src/lib/runtime/slugs/container/docker-output.js'
import {shellLine} from '../../../../../src/lib/runtime/slugs/container/shell-words.js'
import {syntaxLine, withoutSyntaxLine} from '../../../../../src/lib/runtime/slugs/container/syntax-line.js'

test('a command of an image is shown with its words escaped, as Heroku shows it', () => {
  expect(shellLine(['/bin/sh', '-c', 'gunicorn --bind 0.0.0.0:$PORT app'])).toBe('/bin/sh -c gunicorn\\ --bind\\ 0.0.0.0:\\$PORT\\ app')
  expect(shellLine(['a', '', 'x\ny'])).toBe("a '' x'\n'y")
})

describe('a Dockerfile’s syntax line', () => {
  test.each([
    ['# syntax=docker/dockerfile:1\nFROM x', 'docker/dockerfile:1'],
    ['#escape=`\n# Syntax = docker/dockerfile:1.4 \r\nFROM x', 'docker/dockerfile:1.4'],
    ['FROM x\n# syntax=a', undefined],
    ['# a comment\n# syntax=a\nFROM x', undefined],
    ['', undefined],
  ])('%j asks for %s', (text, asked) => {
    expect(syntaxLine(text)).toBe(asked)
  })

  test('is taken out where it stands, so that lines keep their numbers', () => {
    expect(withoutSyntaxLine('#escape=`\n# syntax=docker/dockerfile:1\nFROM x\nRUN # syntax=y\n')).toBe(
      '#escape=`\n#\nFROM x\nRUN # syntax=y\n',
    )
  })
})

test('output is printed as docker build prints it, under the number of its step', () => {
  const lines: string[] = []
  let now = 0
  const print = dockerOutput({now: () => new Date(now), sleep: () => Promise.resolve()}, line => lines.push(line))
  const step = (vertex: string, name: string, more: Partial<BuildProgress> & {type: BuildProgress['type']}): void =>
    print({vertex, name, ...more} as BuildProgress)
  step('c', '[internal] load remote build context', {type: 'started'})
  step('a', '[1/2] FROM debian', {type: 'started'})
  step('a', '[1/2] FROM debian', {type: 'done', cached: true})
  step('b', '[2/2] RUN make', {type: 'started'})
  now = 1500
  step('b', '[2/2] RUN make', {type: 'output', line: '10%\r100%'})
  step('d', 'other', {type: 'started'})
  step('b', '[2/2] RUN make', {type: 'done', cached: false})
  step('d', 'other', {type: 'done', cached: false, error: 'exit code: 3'})
  expect(lines.join('\n')).toBe(`#1 [1/2] FROM debian
#1 CACHED

#2 [2/2] RUN make
#2 100%

#3 other

#2 [2/2] RUN make
#2 DONE 1.5s

#3 other
#3 ERROR: exit code: 3`)
})
