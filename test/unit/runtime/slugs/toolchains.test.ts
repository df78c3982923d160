import {expect, test} from 'vitest'
import {type BuildRequest, type Engine, EngineError} from '../../../../src/lib/engine/engine.js'
import {PreparationFailure} from '../../../../src/lib/runtime/slugs/prepared-image.js'
import {createToolchains} from '../../../../src/lib/runtime/slugs/toolchains.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'

const offline = ['Reading package lists...', "  Temporary failure resolving 'deb.debian.org'", 'E: Unable to locate package golang-go']

/** Ensures a toolchain whose images of these kinds cannot be made, each for that reason. */
async function ensured(failing: string[], said: string[]): Promise<{lines: string[]; error: unknown; aborted: string[]}> {
  const lines: string[] = []
  const aborted: string[] = []
  const build = ({target = '', onProgress, signal}: BuildRequest): Promise<string> =>
    new Promise((resolve, reject) => {
      const step = {vertex: target, name: '[tools 2/2] RUN apt-get update'}
      for (const line of said) onProgress({type: 'output', ...step, line})
      if (!failing.includes(target))
        signal?.addEventListener('abort', () => {
          aborted.push(target)
          reject(new EngineError('canceled', 'The build was canceled.'))
        })
      onProgress({type: 'done', ...step, cached: false, ...(failing.includes(target) && {error: 'exit code: 100'})})
      if (failing.includes(target)) reject(new EngineError('build_failed', 'The build failed: exit code: 100', {exitCode: 100}))
      else if (failing.length === 0) resolve('sha256:1')
    })
  const engine = {build, image: async () => undefined} as unknown as Engine
  const toolchains = createToolchains({engine, clock: systemClock, packages: {} as never, trust: {ca: undefined, proxies: {}}})
  const toolchain = {name: 'go', debian: {run: [], build: ['golang-go']}, downloads: [], install: []}
  const error = await toolchains
    .ensure({run: 'run', build: 'build'}, [toolchain], line => lines.push(line), new AbortController().signal)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  return {lines, error, aborted}
}

test('tools that only builds need and that cannot be had are told of once, with the reason and what to do', async () => {
  const {lines, error, aborted} = await ensured(['build'], offline)
  expect(lines).toEqual(['       Installing go (once for all apps)...', ...offline.map(line => `       ${line}`)])
  expect(error).toBeInstanceOf(PreparationFailure)
  expect((error as Error).message).toBe(
    [
      'The tools "go" could not be installed: the name of deb.debian.org could not be looked up.',
      'This is not about your app.',
      'Check that this machine is online, and that names resolve in containers ("dns" in Docker’s daemon.json).',
      'Behind a company proxy: HTTPS_PROXY=URL hokku runtime:restart',
    ].join('\n'),
  )
  expect(aborted).toEqual(['run'])
})

test('a failure of both images is printed once; one that says nothing of the outside sends to the lines above', async () => {
  const {lines, error} = await ensured(['run', 'build'], ["Error, can't find Maven 9"])
  expect(lines).toEqual(['       Installing go (once for all apps)...', "       Error, can't find Maven 9"])
  expect((error as Error).message).toBe(
    'The tools "go" could not be installed: the last lines above say why.\nDoes this machine have what builds need? hokku doctor',
  )
})

test('tools that can be installed say nothing but that', async () => {
  expect(await ensured([], offline)).toEqual({lines: ['       Installing go (once for all apps)...'], error: undefined, aborted: []})
})
