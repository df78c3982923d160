import {describe, expect, it} from 'vitest'
import type {Builder} from '../../../../../src/lib/runtime/slugs/cnb/builder.js'
import {orderPlan} from '../../../../../src/lib/runtime/slugs/cnb/order.js'
import {type ProjectToml, parseProjectToml} from '../../../../../src/lib/schema/project-toml.js'
import {type SourceFile, sourceOf} from '../source-files.js'

const builder: Builder = {
  name: 'some/builder',
  uid: 1,
  gid: 1,
  platformApi: '0.14',
  lifecycle: '0.20.14',
  runImages: ['run'],
  buildpacks: [
    {id: 'heroku/nodejs', version: '3.2.1'},
    {id: 'heroku/procfile', version: '4.0.0'},
    {id: 'heroku/procfile', version: '4.2.1'},
  ],
  order: [[{id: 'heroku/nodejs', version: '3.2.1'}], [{id: 'heroku/procfile', version: '4.2.1', optional: true}]],
}

async function plan(toml: string, {ofApp = [], files = []}: {ofApp?: string[]; files?: SourceFile[]} = {}) {
  await using given = await sourceOf([{path: 'project.toml', text: toml}, ...files])
  return await orderPlan(builder, parseProjectToml(toml).project as ProjectToml, ofApp, given.source)
}

const group = (...lines: string[]): string => lines.map(line => `[[io.buildpacks.group]]\n${line}\n`).join('')

describe('the buildpacks of a build', () => {
  it('are the builder’s own when nobody says anything', async () => {
    expect(await plan('')).toEqual({order: undefined, files: [], folders: []})
  })

  it('are project.toml’s group, in the version that the builder has', async () => {
    const {order} = await plan(
      group(
        'id = "heroku/nodejs"',
        'id = "heroku/procfile"\nversion = "4.2.1"',
        'uri = "urn:cnb:builder:heroku/nodejs"',
        'uri = "heroku/nodejs@3.2.1"',
      ),
    )
    expect(order).toMatchInlineSnapshot(`
      "[[order]]
      [[order.group]]
      id = "heroku/nodejs"
      version = "3.2.1"

      [[order.group]]
      id = "heroku/procfile"
      version = "4.2.1"

      [[order.group]]
      id = "heroku/nodejs"
      version = "3.2.1"

      [[order.group]]
      id = "heroku/nodejs"
      version = "3.2.1"
      "
    `)
  })

  it('are those set on the app before all others', async () => {
    const {order} = await plan(group('id = "heroku/nodejs"'), {ofApp: ['heroku/procfile@4.0.0']})
    expect(order).toContain('id = "heroku/procfile"\nversion = "4.0.0"')
    expect(order).not.toContain('nodejs')
  })

  it('come before and after each group of the builder’s own', async () => {
    const script = '[io.buildpacks.pre.group.script]\napi = "0.10"\ninline = "echo hello"\nshell = "/bin/bash"\n'
    const {order, files} = await plan(
      `[[io.buildpacks.pre.group]]\nid = "my/hello"\n${script}[[io.buildpacks.post.group]]\nid = "heroku/nodejs"\n`,
    )
    expect(order?.match(/id = .*/g)).toEqual(
      ['my/hello', 'heroku/nodejs', 'heroku/nodejs', 'my/hello', 'heroku/procfile', 'heroku/nodejs'].map(id => `id = "${id}"`),
    )
    expect(files.map(({path, mode}) => [path, mode])).toEqual([
      ['my_hello/0.0.0/buildpack.toml', 0o644],
      ['my_hello/0.0.0/bin/detect', 0o755],
      ['my_hello/0.0.0/bin/build', 0o755],
    ])
    expect(files[2]?.content.toString()).toBe('#!/bin/bash\n\necho hello\n')
  })

  it('may be folders of the source', async () => {
    const files = [{path: 'buildpacks/mine/buildpack.toml', text: 'api = "0.10"\n[buildpack]\nid = "my/own"\nversion = "1.2.3"\n'}]
    const {order, folders} = await plan(group('uri = "./buildpacks/mine/"'), {files})
    expect(order).toContain('id = "my/own"\nversion = "1.2.3"')
    expect(folders).toEqual([{folder: 'buildpacks/mine', id: 'my/own', version: '1.2.3'}])
  })

  it.each([
    [
      'a buildpack that the builder lacks',
      'id = "heroku/python"',
      /has no buildpack heroku\/python\.\nIt has: heroku\/nodejs, heroku\/procfile$/,
    ],
    ['a version that the builder lacks', 'id = "heroku/nodejs"\nversion = "9"', /has heroku\/nodejs 3\.2\.1: 9 was asked for/],
    ['no version where there are two', 'id = "heroku/procfile"', /has heroku\/procfile 4\.0\.0, 4\.2\.1: no version was asked for/],
    ['an image', 'uri = "docker://example.com/buildpack"', /docker:\/\/example\.com\/buildpack cannot be had here/],
    ['a folder that is not there', 'uri = "mine"', /There is no mine\/buildpack\.toml in the source/],
  ])('cannot be %s', async (_claim, line, why) => {
    await expect(plan(group(line))).rejects.toThrow(why)
  })
})
