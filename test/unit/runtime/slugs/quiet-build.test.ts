import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {type BuildRequest, type Engine, EngineError} from '../../../../src/lib/engine/engine.js'
import {quietBuild} from '../../../../src/lib/runtime/slugs/quiet-build.js'

const request = {context: Readable.from([]), tags: []}

function engineThat(end: 'succeeds' | 'fails'): Engine {
  const build = async ({onProgress}: BuildRequest) => {
    const [v, w] = [
      {vertex: 'v', name: '[a 1/1] RUN x'},
      {vertex: 'w', name: '[b 1/1] RUN y'},
    ]
    for (let line = 1; line <= 30; line += 1) onProgress({type: 'output', ...v, line: `line ${line}`})
    for (let line = 1; line <= 30; line += 1) onProgress({type: 'output', ...w, line: `goes well ${line}`})
    if (end === 'succeeds') return 'sha256:1'
    onProgress({type: 'done', ...w, cached: false, error: 'context canceled'})
    onProgress({type: 'done', ...v, cached: false, error: 'exit code: 2'})
    throw new EngineError('build_failed', 'exit code: 2')
  }
  return {build} as unknown as Engine
}

test('a build that succeeds prints nothing', async () => {
  const lines: string[] = []
  await quietBuild(engineThat('succeeds'), request, line => lines.push(line))
  expect(lines).toEqual([])
})

test('a build that fails prints the last lines of the step that failed and passes the error on', async () => {
  const lines: string[] = []
  await expect(quietBuild(engineThat('fails'), request, line => lines.push(line))).rejects.toThrow('exit code: 2')
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, '       line 11', '       line 30'])
})
