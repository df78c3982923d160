import {describe, expect, test} from 'vitest'
import {RejectedSource} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {chooseBuildpacks, type FetchBuildpack} from '../../../../src/lib/runtime/slugs/choose-buildpacks.js'
import type {CompileRequest} from '../../../../src/lib/runtime/slugs/compile.js'
import {sourceOf} from './source-files.js'

/** Of all others only this one can be had. */
const reachable = 'https://example.com/reachable.git'

async function chosen(appJson: string, buildpacks: string[] = [], more: Record<string, string> = {}) {
  const files = {'package.json': '{}', 'app.json': appJson, ...more}
  await using at = await sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))
  const lines: string[] = []
  const request = {buildpacks, detectedBuildpack: undefined, onLine: (line: string) => void lines.push(line)} as unknown as CompileRequest
  const namedBy: string[] = []
  const fetch: FetchBuildpack = async (address, by) => {
    namedBy.push(by)
    if (address.kind !== 'git' || address.url !== reachable) throw new RejectedSource(['could not be fetched:', 'no route to host'])
    return [{path: 'bin/compile', content: Buffer.from(''), mode: 0o755}]
  }
  const names = await chooseBuildpacks(at.source, request, fetch).then(
    found => found.map(({buildpack}) => buildpack.name),
    (error: Error) => error.message,
  )
  return {names, lines, namedBy}
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
    expect((await chosen('{}', ['heroku/clojure'])).names).toContain('The buildpack heroku/clojure is not available here.')
    expect((await chosen('{}', ['https://example.com/gone.git'])).names).toContain('no route to host')
  })

  test('are none for a Dockerfile alone, but the way to build it is told', async () => {
    await using at = await sourceOf([{path: 'Dockerfile', text: 'FROM x'}])
    const lines: string[] = []
    const request = {
      buildpacks: [],
      detectedBuildpack: undefined,
      onLine: (line: string) => void lines.push(line),
    } as unknown as CompileRequest
    await expect(chooseBuildpacks(at.source, request, () => Promise.reject(new Error('none')))).rejects.toThrow('No default language')
    expect(lines.join('\n')).toContain('To build it from its Dockerfile: hokku stack:set container')
  })

  test('may be anybody’s, in order with ours', async () => {
    const {names, lines} = await chosen('{}', [`${reachable}#v2`, 'heroku/nodejs', 'heroku-community/inline'])
    expect(names).toEqual([`${reachable}#v2`, 'heroku/nodejs', 'heroku-community/inline'])
    expect(lines.slice(0, 3)).toEqual(['-----> Using buildpacks:', `       1. ${reachable}#v2`, '       2. heroku/nodejs'])
  })

  test('are fetched for whoever named them', async () => {
    expect((await chosen('{}', [reachable])).namedBy).toEqual(['app'])
    expect((await chosen(strange)).namedBy).toEqual(['source'])
    expect((await chosen('{}', [], {'.buildpacks': reachable})).namedBy).toEqual(['source'])
  })

  test('that are no address at all are left out', async () => {
    const {names, lines} = await chosen('{}', [], {'.buildpacks': 'file://%E0%A4%A\n'})
    expect(names).toEqual(['heroku/nodejs'])
    expect(lines[0]).toContain('.buildpacks names the buildpack file://%E0%A4%A, which is not available here')
  })

  test('are .buildpacks’ when nothing else names any', async () => {
    const list = {'.buildpacks': `# two\n${reachable}\r\nhttps://github.com/heroku/heroku-buildpack-nodejs.git\n`}
    expect((await chosen('{}', [], list)).names).toEqual([reachable, 'heroku/nodejs'])
    expect((await chosen('{"buildpacks": [{"url": "heroku/nodejs"}]}', [], list)).names).toEqual(['heroku/nodejs'])
  })

  test.each(['/etc', '~/x', 'file:///etc', 'file:///srv/x.git', 'ssh://git@example.com/x', 'git@example.com:x.git'])(
    'may be what only this user can reach, %s, but not by the source’s word',
    async folder => {
      const {names, lines} = await chosen(JSON.stringify({buildpacks: [{url: folder}]}))
      expect(names).toEqual(['heroku/nodejs'])
      expect(lines[0]).toContain(`app.json names the buildpack ${folder}, which is not available here`)
      expect((await chosen('{}', [folder])).names).toContain('no route to host')
    },
  )
})
