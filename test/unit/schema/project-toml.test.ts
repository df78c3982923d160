import {describe, expect, it} from 'vitest'
import {parseProjectToml} from '../../../src/lib/schema/project-toml.js'
import {InvalidToml, readToml, tomlText} from '../../../src/lib/schema/toml.js'

describe('project.toml', () => {
  it('names a builder, buildpacks, variables and patterns', () => {
    const {project, problems} = parseProjectToml(`
[_]
schema-version = "0.2"
[io.buildpacks]
builder = "heroku/builder:24"
exclude = ["spec/"]
[[io.buildpacks.group]]
id = "heroku/nodejs"
version = "3.2.1"
[[io.buildpacks.group]]
id = "my/script"
[io.buildpacks.group.script]
api = "0.10"
inline = "echo hello"
[[io.buildpacks.post.group]]
uri = "./buildpacks/mine"
[[io.buildpacks.build.env]]
name = "JAVA_OPTS"
value = "-Xmx1g"
[com.example]
other = "is nothing of ours"
`)
    expect(problems).toEqual([])
    expect(project).toEqual({
      builder: 'heroku/builder:24',
      include: undefined,
      exclude: ['spec/'],
      group: [
        {id: 'heroku/nodejs', version: '3.2.1'},
        {id: 'my/script', script: {api: '0.10', inline: 'echo hello'}},
      ],
      pre: [],
      post: [{uri: './buildpacks/mine'}],
      env: {JAVA_OPTS: '-Xmx1g'},
    })
  })

  it('of schema version 0.1 has the same under [build]', () => {
    const {project} = parseProjectToml(`
[project]
id = "x"
[build]
builder = "paketobuildpacks/builder-jammy-base"
include = ["cmd/"]
[[build.buildpacks]]
id = "a/b"
[[build.env]]
name = "A"
value = "1"
`)
    expect(project).toMatchObject({builder: 'paketobuildpacks/builder-jammy-base', include: ['cmd/'], group: [{id: 'a/b'}], env: {A: '1'}})
  })

  it('may be empty, or say nothing of buildpacks', () => {
    const nothing = {builder: undefined, include: undefined, exclude: undefined, group: [], pre: [], post: [], env: {}}
    expect(parseProjectToml('')).toEqual({project: nothing, problems: []})
    expect(parseProjectToml('[com.example]\na = 1\n')).toEqual({project: nothing, problems: []})
  })

  it('is told all that is wrong at once', () => {
    const {project, problems} = parseProjectToml(`
[io.buildpacks]
builder = 24
[[io.buildpacks.group]]
version = "1"
[[io.buildpacks.build.env]]
name = "A B"
value = 1
`)
    expect(project).toBeUndefined()
    expect(problems).toEqual([
      'project.toml io.buildpacks.builder: should be a string',
      'project.toml io.buildpacks.group.0: needs an id, a uri or a script',
      'project.toml io.buildpacks.build.env.0.name: is no name of a variable',
      'project.toml io.buildpacks.build.env.0.value: should be a string',
    ])
    expect(parseProjectToml('[io.buildpacks]\ninclude = ["a"]\nexclude = ["b"]\n').problems).toEqual([
      'project.toml io.buildpacks: has both include and exclude: use one of them',
    ])
    expect(parseProjectToml('[io]\nbuildpacks = 1\n').problems).toHaveLength(1)
  })

  it('that is no TOML is told with its line', () => {
    expect(() => parseProjectToml('[io.buildpacks\nbuilder = 1')).toThrow(InvalidToml)
    expect(() => parseProjectToml('a = 1\nb = \n')).toThrow(/^project\.toml:2:\d+ /)
  })
})

describe('TOML', () => {
  it('keeps integers, floats and dates what they are', () => {
    const text = 'whole = 3\nbroken = 1.0\nbig = 9007199254740993\nat = 2024-01-02T03:04:05Z\n'
    expect(readToml(tomlText(readToml(text, 'a')), 'b')).toEqual(readToml(text, 'a'))
    expect(tomlText(readToml(text, 'a'))).toContain('whole = 3\nbroken = 1.0\nbig = 9007199254740993')
  })
})
