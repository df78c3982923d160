import {expect, test} from 'vitest'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {rejected} from '../../../../src/lib/runtime/slugs/messages.js'

const node = {language: 'Node.js', consolation: ['We are sorry.'], classic: false}

function said(error: Error, over: Partial<typeof node> = {}): string[] {
  const lines: string[] = []
  rejected(error, {...node, ...over}, line => lines.push(line))
  return lines
}

test('a step that failed is told with its exit status, one that was killed with the likely cause', () => {
  expect(said(new EngineError('build_failed', 'x', {exitCode: 3}))).toEqual([
    '',
    '-----> Build failed',
    '       A step of the build ended with exit status 3.',
    '',
    '       We are sorry.',
    '',
    ' !     Push rejected, failed to compile Node.js app.',
  ])
  expect(said(new EngineError('build_failed', 'x', {exitCode: 137})).join('\n')).toContain('it ran out of memory')
})

test('a build that fails before anything ran says what the engine said', () => {
  expect(said(new EngineError('build_failed', 'The build failed: failed to compute cache key'))).toContain(
    '       The build failed: failed to compute cache key',
  )
})

test('a classic buildpack that does not know the source has said so itself; exit status 86 of ours is a failure like others', () => {
  const error = new EngineError('build_failed', 'x', {exitCode: 86})
  expect(said(error, {classic: true})).toEqual([''])
  expect(said(error)).toContain('       A step of the build ended with exit status 86.')
})
