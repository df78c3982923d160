import {expect, test} from 'vitest'
import type {BuildEnv, Buildpack, Source} from '../../src/lib/runtime/buildpacks/buildpack.js'
import {stepStages, toDockerfile} from '../../src/lib/runtime/slugs/dockerfile.js'
import {inContext} from '../../src/lib/runtime/slugs/plan-context.js'

/** What every buildpack must do with a source it takes. */
export function buildpackContract(buildpack: Buildpack, source: () => Promise<AsyncDisposable & {source: Source}>, env: BuildEnv): void {
  test('plans the same source twice the same, as plain data', async () => {
    await using at = await source()
    const plan = await buildpack.compile(at.source, env)
    expect(await buildpack.compile(at.source, env)).toEqual(plan)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(JSON.parse(JSON.stringify({...plan})))
    expect(plan.buildpack).toBe(buildpack.name)
    expect(plan.language).toBe(await buildpack.detect(at.source))
  })

  test('lets dependencies see files of the source only, each step under a name of its own', async () => {
    await using at = await source()
    const plan = await buildpack.compile(at.source, env)
    for (const file of plan.dependencies?.files ?? []) expect(at.source.has(file)).toBe(true)
    const stages = stepStages([plan]).map(({stage}) => stage)
    expect(new Set(stages).size).toBe(stages.length)
    for (const stage of stages) expect(stage).toMatch(/^[a-z0-9-]+$/)
  })

  test('shares no cache with another app, whose build may have put anything there', async () => {
    await using at = await source()
    const plan = await buildpack.compile(at.source, env)
    const owned = inContext([plan], {stack: 'heroku-24', appId: 'its-app'})
    const caches = stepStages(owned).flatMap(({step}) => step.caches)
    for (const {id} of caches) expect(id).toMatch(/-its-app$/)
  })

  test('puts no config var’s value into the Dockerfile, and runs nothing after the code', async () => {
    await using at = await source()
    const plan = await buildpack.compile(at.source, {...env, configVars: {...env.configVars, NPM_TOKEN: 'very-secret-value'}})
    const inputs = Object.fromEntries(stepStages([plan]).map(({stage}) => [stage, {digest: 'd1g35t'}]))
    const dockerfile = toDockerfile([plan], {run: 'run', build: 'build'}, inputs, 'host-ca')
    expect(dockerfile + JSON.stringify(plan)).not.toContain('very-secret-value')
    expect(dockerfile).not.toMatch(/^ARG/m)
    expect(dockerfile.slice(dockerfile.lastIndexOf('FROM '))).not.toContain('RUN')
  })
}
