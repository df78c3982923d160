import {expect, test} from 'vitest'
import type {App, BuildpackInstallation, Domain} from '../../../src/lib/schema/resources.js'
import {startTestPlatform} from '../../support/platform.js'
import {startDemo} from './demo.js'

test('maintenance mode is switched on and off and told', async () => {
  await using platform = await startDemo()
  expect((await platform.run('maintenance --app demo')).stdout).toBe('off\n')
  expect((await platform.run('maintenance:on --app demo')).stderr).toBe('Enabling maintenance mode for demo... done\n')
  expect((await platform.run('maintenance --app demo')).stdout).toBe('on\n')
  expect((await platform.run('maintenance:off --app demo')).stderr).toBe('Disabling maintenance mode for demo... done\n')
  expect((JSON.parse((await platform.run('maintenance --json --app demo')).stdout) as App).maintenance).toBe(false)
})

test('a feature is switched once', async () => {
  await using platform = await startDemo()
  const [feature] = await platform.api<{name: string}[]>('GET', '/apps/demo/features')
  const name = feature?.name as string
  expect((await platform.run('features --app demo')).stdout).toContain(`[ ] ${name}`)
  expect((await platform.run(`features:enable ${name} --app demo`)).stderr).toBe(`Enabling ${name} for demo... done\n`)
  expect((await platform.run('features --app demo')).stdout).toContain(`[+] ${name}`)
  expect(await platform.run(`features:enable ${name} --app demo`)).toMatchObject({
    stderr: `Enabling ${name} for demo... !\n ›   Error: ${name} is already enabled.\n`,
    exitCode: 1,
  })
  expect((await platform.run(`features:disable ${name} --app demo`)).exitCode).toBe(0)
  // As Heroku's documentation has it.
  expect((await platform.run('labs:enable runtime-dyno-build-metadata --app demo')).exitCode).toBe(0)
  expect((await platform.run('labs --app demo')).stdout).toContain('[+] runtime-dyno-build-metadata')
  expect((await platform.run(`features:info ${name} --app demo`)).stdout).toContain('Enabled:     false\n')
})

test('domains are added, listed and removed', async () => {
  await using platform = await startDemo()
  const added = await platform.run('domains:add www.example.com --app demo')
  expect(added.stderr).toBe('Adding www.example.com to demo... done\n')
  const {stdout} = await platform.run('domains --app demo')
  expect(stdout).toContain('=== demo Heroku Domain\n\ndemo.localhost\n')
  expect(stdout).toMatch(/\n=== demo Custom Domains\n\n {2}Domain Name .*\n.*\n {2}www\.example\.com {3}CNAME /)
  expect(JSON.parse((await platform.run('domains --json --app demo')).stdout)).toEqual(
    await platform.api<Domain[]>('GET', '/apps/demo/domains'),
  )
  expect((await platform.run('domains:remove www.example.com --app demo')).stderr).toBe('Removing www.example.com from demo... done\n')
  expect((await platform.run('domains --app demo')).stdout).not.toContain('Custom Domains')
  expect((await platform.run('domains:remove www.example.com --app demo')).exitCode).toBe(1)
})

test('buildpacks are set, added, removed and cleared in order', async () => {
  await using platform = await startDemo()
  const names = async (): Promise<string[]> =>
    (await platform.api<BuildpackInstallation[]>('GET', '/apps/demo/buildpack-installations')).map(({buildpack}) => buildpack.url)
  expect((await platform.run('buildpacks:set acme/elm --app demo')).stdout).toBe(
    'Buildpack set. Next release on demo will use acme/elm.\nRun git push hokku main to create a new release using this buildpack.\n',
  )
  expect((await platform.run('buildpacks:add heroku/nodejs -i 1 --app demo')).stdout).toBe(
    'Buildpack added. Next release on demo will use:\n  1. heroku/nodejs\n  2. acme/elm\nRun git push hokku main to create a new release using these buildpacks.\n',
  )
  expect((await platform.run('buildpacks --app demo')).stdout).toBe('=== demo Buildpacks\n\n1. heroku/nodejs\n2. acme/elm\n')
  expect(await platform.run('buildpacks:add acme/elm --app demo')).toMatchObject({exitCode: 1})
  expect((await platform.run('buildpacks:remove -i 2 --app demo')).exitCode).toBe(0)
  expect(await names()).toEqual(['heroku/nodejs'])
  expect((await platform.run('buildpacks:remove --app demo')).exitCode).toBe(2)
  expect((await platform.run('buildpacks:clear --app demo')).stdout).toBe(
    'Buildpacks cleared. Next release on demo will detect buildpacks normally.\n',
  )
})

test('on the CNB stack buildpacks are the builder’s, which only a build knows', async () => {
  await using platform = await startTestPlatform()
  await platform.run('create demo')
  expect((await platform.run('buildpacks:set not-a-buildpack@1.0 --app demo')).exitCode).toBe(1)
  expect((await platform.run('stack:set cnb --app demo')).exitCode).toBe(0)
  expect((await platform.run('buildpacks:set heroku/procfile@4.2.1 --app demo')).exitCode).toBe(0)
  expect((await platform.run('buildpacks --app demo')).stdout).toContain('heroku/procfile@4.2.1')
})

test('another stack is taken with the next deploy', async () => {
  await using platform = await startDemo()
  const {build_stack} = await platform.api<App>('GET', '/apps/demo')
  expect((await platform.run('stack --app demo')).stdout).toContain(`* ${build_stack.name}\n`)
  const {stdout, stderr} = await platform.run('stack:set heroku-22 --app demo')
  expect(stderr).toBe('Setting stack to heroku-22... done\n')
  expect(stdout).toBe(
    'You will need to redeploy demo for the change to take effect.\nRun git push hokku main to trigger a new build on demo.\n',
  )
  expect((await platform.run('stacks --app demo')).stdout).toContain('  heroku-22 (active on next deploy)\n')
})

test('an app that was never deployed is on its new stack at once', async () => {
  await using platform = await startTestPlatform()
  await platform.run('create demo')
  expect(await platform.run('stack:set heroku-22 --app demo')).toMatchObject({stdout: '', exitCode: 0})
  expect((await platform.run('stacks --app demo')).stdout).toContain('* heroku-22\n')
})
