import {describe, expect, test} from 'vitest'
import type {BuildProgress} from '../../../../src/lib/engine/engine.js'
import type {BuildStep} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {buildOutput} from '../../../../src/lib/runtime/slugs/build-output.js'

const step = (name: string, heading: string): BuildStep => ({
  name,
  heading,
  introduction: [`Running ${name}`],
  run: [],
  env: {},
  caches: [],
  configVars: [],
})
const steps = [step('install', 'Installing dependencies'), step('build', 'Build'), step('prune', 'Pruning')].map(each => ({
  stage: `b1-${each.name}`,
  step: each,
}))
const vertex = (stage: string) => ({vertex: stage, name: `[${stage} 2/2] RUN x`})
const line = (stage: string, text: string): BuildProgress => ({type: 'output', ...vertex(stage), line: text})
const done = (stage: string, cached: boolean, error?: string): BuildProgress => ({
  type: 'done',
  ...vertex(stage),
  cached,
  ...(error === undefined ? {} : {error}),
})

function printed(progress: BuildProgress[], how: 'succeeded' | 'failed' = 'succeeded'): string[] {
  const lines: string[] = []
  const output = buildOutput(steps, text => lines.push(text))
  for (const each of progress) output.onProgress(each)
  output.finish(how)
  return lines
}

describe('the output of a build', () => {
  test('comes in the plan’s order though stages run side by side', () => {
    const lines = printed([
      line('b1-install', 'added 3'),
      done('b1-install', false),
      line('b1-prune', 'removed 2'),
      line('b1-build', 'tsc'),
      done('b1-prune', false),
      done('b1-build', false),
    ])
    expect(lines).toEqual([
      '-----> Installing dependencies',
      '       Running install',
      '       added 3',
      '-----> Build',
      '       Running build',
      '       tsc',
      '-----> Pruning',
      '       Running prune',
      '       removed 2',
    ])
  })

  test('says in one line that a step was cached', () => {
    expect(printed([done('b1-install', true), line('b1-build', 'tsc'), done('b1-build', false), done('b1-prune', true)])).toEqual([
      '-----> Installing dependencies',
      '       Nothing changed since the last build; its result is used again',
      '-----> Build',
      '       Running build',
      '       tsc',
      '-----> Pruning',
      '       Nothing changed since the last build; its result is used again',
    ])
  })

  test('of a step that failed is complete, and steps that never ran are not mentioned', () => {
    expect(printed([line('b1-install', 'npm error'), done('b1-install', false, 'exit code: 1')], 'failed')).toEqual([
      '-----> Installing dependencies',
      '       Running install',
      '       npm error',
    ])
  })

  test.each([
    [false, 'Running install'],
    [true, 'Nothing changed since the last build; its result is used again'],
  ])('a heading is printed as soon as its step starts (cached: %j)', (cached, said) => {
    const lines: string[] = []
    const output = buildOutput(steps, text => lines.push(text))
    output.onProgress({type: 'started', ...vertex('b1-install'), cached})
    expect(lines).toEqual(['-----> Installing dependencies', `       ${said}`])
  })
})

test('a step with headings of its own is printed as it speaks', () => {
  const lines: string[] = []
  const verbatim = {stage: 'b1-compile', step: {...step('compile', 'Buildpack'), introduction: [], output: 'verbatim' as const}}
  const output = buildOutput([verbatim], text => lines.push(text))
  output.onProgress(line('b1-compile', '-----> Installing apt packages'))
  output.onProgress(line('b1-compile', '       10%\r       done '))
  output.onProgress(done('b1-compile', false))
  output.finish('succeeded')
  expect(lines).toEqual(['-----> Installing apt packages', '       done'])
})
