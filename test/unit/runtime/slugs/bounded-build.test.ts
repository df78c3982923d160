import {join} from 'node:path'
import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {type BuildRequest, type Engine, EngineError} from '../../../../src/lib/engine/engine.js'
import {boundedBuild, guarded, stepShell, stepShellSecret} from '../../../../src/lib/runtime/slugs/bounded-build.js'
import {buildLimits, herokuLimits} from '../../../../src/lib/runtime/slugs/limits.js'

type Step = (print: (line: string) => void, signal: AbortSignal) => Promise<void>

/** What a build of one step shows and ends with. */
async function built(step: Step, limits = herokuLimits): Promise<{lines: string[]; end: string}> {
  const lines: string[] = []
  const build = async ({onProgress, signal}: BuildRequest): Promise<string> => {
    await step(line => onProgress({type: 'output', vertex: 'v', name: '[a 1/1] RUN x', line}), signal as AbortSignal)
    return 'sha256:1'
  }
  const request: BuildRequest = {
    context: Readable.from([]),
    tags: [],
    onProgress: one => one.type === 'output' && lines.push(one.line),
  }
  const end = await boundedBuild({build} as unknown as Engine, request, limits).catch((error: Error) => `${error.name}: ${error.message}`)
  return {lines, end}
}

test('a build that prints without end is stopped, and nothing beyond the limit is shown', async () => {
  const {lines, end} = await built(
    async (print, signal) => {
      while (!signal.aborted) print('y'.repeat(1023))
      throw new EngineError('canceled', 'The build was canceled.')
    },
    {...herokuLimits, output: 1 << 20},
  )
  expect([lines.length, end]).toEqual([1024, 'RejectedSource: The build printed more than 1.0M and was stopped.'])
})

test.each([
  [201, 'A step used more than 2.5G of memory and was stopped.'],
  [202, 'A step ran more than 4096 processes and was stopped.'],
  [203, 'A step filled the disk of the engine up to the last 1.0G and was stopped.'],
  [204, 'A step printed more than 100M and was stopped.\nTo allow more: HOKKU_BUILD_OUTPUT=MB hokku runtime:restart'],
])('exit status %i of a step means: %s', async (exitCode, message) => {
  const {end} = await built(async () => {
    throw new EngineError('build_failed', 'The build failed', {exitCode})
  })
  expect(end).toContain(message)
})

test('any other failure stays what it is', async () => {
  const failing: Step = async () => {
    throw new EngineError('build_failed', 'The build failed', {exitCode: 1})
  }
  expect((await built(failing)).end).toBe('EngineError: The build failed')
})

test('what the engine left out is told in words', async () => {
  const {lines} = await built(async print => print('[output clipped, log limit 200KiB/s reached]'))
  expect(lines).toEqual(["[Docker passes on no more than 200KiB/s of a step's output; what it prints now is not shown]"])
})

test('limits are Heroku’s but for what the environment says', () => {
  const env = {
    HOKKU_BUILD_TIMEOUT: '30',
    HOKKU_BUILD_MEMORY: '4096',
    HOKKU_BUILD_PROCESSES: 'many',
    HOKKU_BUILD_OUTPUT: '1',
    HOKKU_SLUG_LIMIT: '-1',
  }
  expect(buildLimits(env)).toEqual({...herokuLimits, timeout: 30 * 60_000, memory: 4096 * 2 ** 20, output: 2 ** 20})
})

test('every step of a plan runs in the shell that watches it, which no cache key knows', async () => {
  const text = guarded(`FROM x AS a\n${stepShell}\nENV A=1\nRUN --mount=type=cache,target=/c y`)
  expect(text).toBe(
    [
      'FROM x AS a',
      String.raw`SHELL ["/bin/bash","-c","[ ! -x /usr/bin/perl ] || exec /usr/bin/perl /run/hokku/step-shell \"$0\"; exec /bin/bash -e -o pipefail -c \"$0\""]`,
      'ENV A=1',
      'RUN --mount=type=secret,id=step-shell,target=/run/hokku/step-shell,mode=0444 --mount=type=cache,target=/c y',
    ].join('\n'),
  )
  const secret = await stepShellSecret(join(import.meta.dirname, '../../../..'), {...herokuLimits, memory: 1, processes: 2, output: 3})
  expect(secret['step-shell']?.toString()).toMatch(
    /^#!\/usr\/bin\/perl\n[\s\S]*\n__DATA__\nmemory 1\nprocesses 2\noutput 3\ndisk 1073741824\n$/,
  )
})
