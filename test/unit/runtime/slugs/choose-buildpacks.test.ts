import {describe, expect, test} from 'vitest'
import {chooseBuildpacks} from '../../../../src/lib/runtime/slugs/choose-buildpacks.js'
import type {CompileRequest} from '../../../../src/lib/runtime/slugs/compile.js'
import {sourceOf} from './source-files.js'

async function chosen(appJson: string, buildpacks: string[] = []) {
  const files = {'package.json': '{}', 'app.json': appJson}
  await using at = await sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))
  const lines: string[] = []
  const request = {buildpacks, detectedBuildpack: undefined, onLine: (line: string) => void lines.push(line)} as unknown as CompileRequest
  const names = await chooseBuildpacks(at.source, request).then(
    found => found.map(({buildpack}) => buildpack.name),
    (error: Error) => error.message,
  )
  return {names, lines}
}

describe('the buildpacks of a build', () => {
  const strange = '{"buildpacks": [{"url": "https://example.com/elm.git"}]}'

  test('are app.json’s', async () => {
    const {names, lines} = await chosen('{"buildpacks": [{"url": "https://github.com/heroku/heroku-buildpack-nodejs"}]}')
    expect(names).toEqual(['heroku/nodejs'])
    expect(lines[0]).toBe('-----> Using buildpack: https://github.com/heroku/heroku-buildpack-nodejs')
  })

  test('are what the source is for when app.json names none that can be had', async () => {
    const {names, lines} = await chosen(strange)
    expect(names).toEqual(['heroku/nodejs'])
    expect(lines[0]).toBe(' !     app.json names the buildpack https://example.com/elm.git, which is not available here: it is left out.')
    expect(lines).toContain('-----> Node.js app detected')
  })

  test('that were set on the app must be had', async () => {
    expect((await chosen('{}', ['heroku/clojure'])).names).toBe('The buildpack heroku/clojure is not available here.')
  })
})
