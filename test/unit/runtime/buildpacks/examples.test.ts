import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {BuildEnv} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {buildpacks, findBuildpack} from '../../../../src/lib/runtime/buildpacks/index.js'
import {stepStages, toDockerfile} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {inContext} from '../../../../src/lib/runtime/slugs/plan-context.js'
import {buildpackContract} from '../../../contract/buildpack.js'
import {filesIn, sourceOf} from '../slugs/source-files.js'
import {clients, packages} from './packages.js'

const examples = join(import.meta.dirname, '../../../../examples')
const env: BuildEnv = {stack: 'heroku-24', architecture: 'x64', now: new Date('2026-11-22T00:00:00Z'), configVars: {}, packages, clients}
const folders = readdirSync(examples, {withFileTypes: true}).filter(entry => entry.isDirectory() && !onContainerStack(entry.name))

/** Those have tests of their own in slugs/container. */
function onContainerStack(name: string): boolean {
  return (JSON.parse(readFileSync(join(examples, name, 'expect.json'), 'utf8')) as {stack?: string}).stack === 'container'
}

describe.each(folders.map(entry => entry.name))('examples/%s', name => {
  const source = async () => sourceOf(await filesIn(join(examples, name)))

  test('is detected as expect.json says, with its process types', async () => {
    await using at = await source()
    const expected = JSON.parse((await at.source.text('expect.json')) ?? '{}') as {buildpack: string}
    const detected = []
    for (const buildpack of buildpacks) if (await buildpack.detect(at.source)) detected.push(buildpack.name)
    expect(detected[0]).toBe(expected.buildpack)
  })

  test('has this plan and this Dockerfile', async () => {
    await using at = await source()
    for (const buildpack of buildpacks) {
      if (!(await buildpack.detect(at.source))) continue
      const plan = await buildpack.compile(at.source, env)
      const [placed] = inContext([plan], {stack: 'heroku-24', appId: 'app'})
      const inputs = Object.fromEntries(stepStages([plan]).map(({stage}) => [stage, {digest: undefined}]))
      await expect(JSON.stringify(plan, undefined, 2)).toMatchFileSnapshot(`__snapshots__/${name}.plan.json.snap`)
      const dockerfile = toDockerfile([placed ?? plan], {run: 'hokku/node:x', build: 'hokku/node-build:x'}, inputs, 'none')
      await expect(dockerfile).toMatchFileSnapshot(`__snapshots__/${name}.dockerfile.snap`)
      return
    }
  })

  const buildpack = findBuildpack(JSON.parse(readFileSync(join(examples, name, 'expect.json'), 'utf8')).buildpack)
  if (buildpack === undefined) throw new Error(`examples/${name} expects a buildpack that is not ours`)
  buildpackContract(buildpack, source, env)
})
