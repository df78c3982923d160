import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {type BuildRequest, type Engine, EngineError} from '../../../../src/lib/engine/engine.js'
import {quietBuild} from '../../../../src/lib/runtime/slugs/quiet-build.js'

const request = {context: Readable.from([]), tags: []}

function engineThat(end: 'succeeds' | 'fails'): Engine {
  const build = async ({onProgress}: BuildRequest) => {
    for (let line = 1; line <= 30; line += 1) onProgress({type: 'output', vertex: 'v', name: '[a 1/1] RUN x', line: `line ${line}`})
    if (end === 'fails') throw new EngineError('build_failed', 'exit code: 2')
    return 'sha256:1'
  }
  return {build} as unknown as Engine
}

test('a build that succeeds prints nothing', async () => {
  const lines: string[] = []
  await quietBuild(engineThat('succeeds'), request, line => lines.push(line))
  expect(lines).toEqual([])
})

test('a build that fails prints its last lines and passes the error on', async () => {
  const lines: string[] = []
  await expect(quietBuild(engineThat('fails'), request, line => lines.push(line))).rejects.toThrow('exit code: 2')
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, '       line 11', '       line 30'])
})
