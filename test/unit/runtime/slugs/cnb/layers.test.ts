import {describe, expect, it} from 'vitest'
import {readBuildMetadata} from '../../../../../src/lib/runtime/slugs/cnb/build-metadata.js'
import {kept, layersOf, stores} from '../../../../../src/lib/runtime/slugs/cnb/layers.js'

const result = (files: Record<string, string>, folders: string[]) =>
  new Map([...Object.entries(files), ['folders', folders.map((folder, index) => `print${index} ${folder}/\n`).join('')] as const])

describe('the layers of a build', () => {
  it('are for launch, build and cache as their metadata says, and come back without that', () => {
    const layers = layersOf(
      result(
        {
          'config/metadata.toml': '',
          'group.toml': '',
          'a_b/launch.toml': '',
          'a_b/store.toml': '[metadata]\nn = 1\n',
          'a_b/deps.toml': '[types]\nlaunch = true\ncache = true\n[metadata]\nsum = "x"\nn = 3\n',
          'a_b/only-build.toml': 'types = {build = true}\n',
          'a_b/tool.toml': 'types.launch = true\nmetadata.sum = "y"\n',
        },
        ['a_b/deps', 'a_b/only-build', 'sbom/launch', 'config/x'],
      ),
    )
    expect(layers.map(({restored, ...layer}) => ({...layer, kept: kept({...layer, restored})}))).toEqual([
      {path: 'a_b/deps', launch: true, build: false, cache: true, print: 'print0', kept: 'all'},
      {path: 'a_b/only-build', launch: false, build: true, cache: false, print: 'print1', kept: 'nothing'},
      {path: 'a_b/tool', launch: true, build: false, cache: false, print: undefined, kept: 'metadata'},
    ])
    expect(layers[0]?.restored.trim()).toBe('[metadata]\nsum = "x"\nn = 3')
  })

  it('that are for builds too are made anew unless they are cached', () => {
    const made = (types: string) => layersOf(result({'a/l.toml': `types = {${types}}`}, ['a/l'])).map(kept)
    expect(made('launch = true, build = true')).toEqual(['nothing'])
    expect(made('launch = true, build = true, cache = true')).toEqual(['all'])
    expect(made('cache = true')).toEqual(['all'])
    expect(made('')).toEqual(['nothing'])
  })

  it.each([
    ['is cached but empty', {'a/l.toml': 'types.cache = true'}, [], /a\/l has no contents/],
    ['is for builds but empty', {'a/l.toml': 'types = {launch = true, build = true}'}, [], /a\/l has no contents/],
    [
      'has a name that a Dockerfile would take for a pattern',
      {'a/l*.toml': 'types.launch = true'},
      ['a/l*'],
      /a name that cannot be taken/,
    ],
    ['has metadata that is no TOML', {'a/l.toml': 'types = '}, ['a/l'], /^a\/l\.toml:1:\d+ /],
  ])('fail the build when one %s', (_claim, files, folders, why) => {
    expect(() => layersOf(result(files as Record<string, string>, folders))).toThrow(why)
  })

  it('leave the buildpack’s store as it is', () => {
    expect(stores(result({'a_b/store.toml': '[metadata]\n', 'x/y.toml': ''}, []))).toEqual([['a_b/store.toml', '[metadata]\n']])
  })
})

describe('what the lifecycle says of the app', () => {
  it('names process types as lines, the default one, buildpacks and labels', () => {
    const read = readBuildMetadata(`
buildpack-default-process-type = "web"
[[buildpacks]]
id = "heroku/nodejs"
version = "3.2.1"
api = "0.10"
[[processes]]
type = "web"
command = ["node", "server js"]
args = ["-p"]
direct = true
buildpack-id = "heroku/nodejs"
[[processes]]
type = "worker"
command = "bundle exec sidekiq -c $N"
args = ["a b"]
direct = false
buildpack-id = "heroku/procfile"
[[processes]]
type = "tests"
command = ["npm", "test"]
direct = true
exec-env = ["test"]
[[labels]]
key = "a"
value = "b"
`)
    expect(read).toEqual({
      buildpacks: [{id: 'heroku/nodejs', version: '3.2.1'}],
      processTypes: {web: 'node server\\ js -p', worker: 'bundle exec sidekiq -c $N a\\ b'},
      defaultType: 'web',
      labels: [{key: 'a', value: 'b'}],
      extensions: 0,
    })
  })

  it('may name no process type at all', () => {
    expect(readBuildMetadata('')).toMatchObject({processTypes: {}, defaultType: undefined})
  })
})
