import {expect, test} from 'vitest'
import type {AddOn, ConfigVars} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function withDatabase(): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.run('addons:create heroku-postgresql:essential-0 --name first --app demo')
  return platform
}

const containers = async ({engine}: TestPlatform): Promise<string[]> =>
  (await engine.observe({})).filter(({name}) => name.includes('first')).map(({id}) => id)

test('addons:rename gives an add-on another name and changes nothing else', async () => {
  await using platform = await withDatabase()
  const before = await platform.api<ConfigVars>('GET', '/apps/demo/config-vars')
  const releases = await platform.api('GET', '/apps/demo/releases')
  const running = await containers(platform)
  expect(await platform.run('addons:rename DATABASE second --app demo')).toEqual({
    stdout: 'first successfully renamed to second.\n',
    stderr: '',
    exitCode: 0,
  })
  expect(await platform.api<AddOn>('GET', '/addons/second')).toMatchObject({name: 'second', plan: {name: 'heroku-postgresql:essential-0'}})
  expect((await platform.run('addons:info first')).exitCode).toBe(1)
  expect(await platform.api('GET', '/apps/demo/config-vars')).toEqual(before)
  expect(await platform.api('GET', '/apps/demo/releases')).toEqual(releases)
  expect(await containers(platform)).toEqual(running)
  expect((await platform.run('addons:upgrade second essential-1 --app demo')).exitCode).toBe(0)
  expect(running).toHaveLength(1)
  expect(await containers(platform)).toHaveLength(1)
})

test('an add-on may have its first name again, but no other may', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:rename first second')
  const taken = await platform.run('addons:create heroku-redis --name first --app demo')
  expect(taken).toMatchObject({exitCode: 1, stderr: expect.stringContaining('Name first is already taken')})
  expect((await platform.run('addons:rename second first')).exitCode).toBe(0)
})

test('addons:rename refuses names that are taken or cannot be host names', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create heroku-redis --name cache --app demo')
  expect((await platform.run('addons:rename first cache')).stderr).toContain('Name cache is already taken')
  expect((await platform.run('addons:rename first no_good')).stderr).toContain('Name must start with a letter')
  expect((await platform.api<AddOn[]>('GET', '/addons')).map(({name}) => name).sort()).toEqual(['cache', 'first'])
})

test('addons:open says that there is no dashboard, and where to look instead', async () => {
  await using platform = await withDatabase()
  const {stderr, exitCode} = await platform.run('addons:open first')
  expect(stderr).toContain('first has no dashboard: Heroku Postgres runs on this machine.')
  expect(stderr).toContain('hokku addons:info first')
  expect(exitCode).toBe(1)
})

test('addons:open names the config var with the password where its name says so', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create mailgun --app demo --name mails')
  const {stderr} = await platform.run('addons:open mails --show-url')
  expect(stderr).toMatch(/Sign in as postmaster@sandbox\w{32}\.mailgun\.org, with the password in MAILGUN_SMTP_PASSWORD\./)
})

test('addons:open knows the page of a server that has one, and whom it lets in', async () => {
  await using platform = await withDatabase()
  await platform.run('addons:create cloudamqp --app demo --name queue')
  const {stdout, stderr, exitCode} = await platform.run('addons:open queue --show-url')
  const [container] = (await platform.engine.observe({})).filter(one => one.name.endsWith('queue'))
  expect(stdout).toBe(`http://127.0.0.1:${container?.ports[15_672]}/\n`)
  expect(container?.ports[15_672]).toBeGreaterThan(0)
  expect(stderr).toMatch(/Sign in as u[0-9a-f]{8}, with the password in CLOUDAMQP_URL/)
  expect(exitCode).toBe(0)
})
