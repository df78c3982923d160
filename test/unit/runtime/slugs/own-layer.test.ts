import {describe, expect, test} from 'vitest'
import type {BuildPlan} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {toDockerfile} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {plan, step} from './plans.js'

const installing = (name: string, over: Partial<BuildPlan> = {}): BuildPlan =>
  plan({
    toolchains: [{name: 'tool', downloads: [], install: ['true']}],
    dependencies: {files: ['lock'], folders: ['.heroku/things'], install: step(name), prune: undefined},
    ...over,
  })

const dockerfile = (plans: BuildPlan[], digest?: string): string =>
  toDockerfile(plans, {run: 'run:x', build: 'build:x'}, {'b1-install': {digest}}, 'none')

describe('dependencies that nothing comes after', () => {
  test('are a layer of the slug itself, made with the tools of the build image', () => {
    const lines = dockerfile([installing('install')]).split('\n')
    expect(lines.filter(line => /^(FROM|COPY)/.test(line))).toEqual([
      'FROM build:x AS tools',
      'FROM run:x AS b1-install',
      'FROM b1-install',
      'COPY --chown=1000:1000 app/ /app/',
    ])
    expect(lines.find(line => line.startsWith('RUN'))).toContain('--mount=type=bind,from=tools,source=/usr,target=/usr ')
  })

  test('leave nothing behind but their folders, what was there before, and mount points', () => {
    const run = dockerfile([installing('install')]).match(/^RUN .*/m)?.[0] ?? ''
    const removals = run.split('; ').filter(line => line.startsWith('find '))
    expect(removals.map(line => line.replace(/ -exec .*/, ''))).toEqual([
      'find /app -mindepth 1 -maxdepth 1 ! -name .heroku',
      'find /app/.heroku -mindepth 1 -maxdepth 1 ! -name things ! -name tool',
      'find /tmp -mindepth 1 -maxdepth 1 ! -name install',
      'find /var/tmp -mindepth 1 -maxdepth 1',
    ])
  })

  test('give the slug none of their environment, which config vars come over', () => {
    const text = dockerfile([installing('install', {env: {QUOTED: `it's $HOME`}})], 'd1g35t')
    expect(text).not.toMatch(/^ENV/m)
    expect(text).toContain(`export QUOTED='it'\\''s $HOME'; : d1g35t; . /run/hokku/vars-b1-install; `)
  })
})

describe('dependencies are copied into the slug', () => {
  test.each<[string, BuildPlan[]]>([
    ['a step works on the source', [installing('install', {build: [step('build')]})]],
    ['a step of another buildpack does', [installing('install'), plan({build: [step('build')]})]],
    ['two buildpacks install', [installing('install'), installing('install')]],
    [
      'some are pruned away',
      [installing('install', {dependencies: {files: [], folders: ['things'], install: step('install'), prune: step('prune')}})],
    ],
  ])('when %s', (_, plans) => {
    const slug = dockerfile(plans).split('\n\n').at(-1) ?? ''
    expect(slug).toMatch(/^FROM run:x\n/)
    expect(slug).toMatch(/^COPY --from=b1-/m)
  })
})
