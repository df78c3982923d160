import {expect, it} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

/** All pages of a list, followed as clients do. */
async function pages<T>({runtime}: TestPlatform, path: string, range: string): Promise<T[][]> {
  const found: T[][] = []
  for (let next: string | null = range; next !== null; ) {
    const answer: Response = await runtime.fetch(new Request(`http://127.0.0.1${path}`, {headers: {range: next}}))
    found.push((await answer.json()) as T[])
    if (found.length > 20) throw new Error(`${path} has no last page: ${next}`)
    next = answer.headers.get('next-range')
  }
  return found
}

const names = (list: {name: string}[][]): string[][] => list.map(page => page.map(({name}) => name))

it('apps are listed by name in pages, either way round and from any name on', async () => {
  await using platform = await startTestPlatform()
  for (const name of ['three', 'one', 'two', 'four', 'five']) await platform.api('POST', '/apps', {name})
  expect(names(await pages(platform, '/apps', 'name ..; max=2'))).toEqual([['five', 'four'], ['one', 'three'], ['two']])
  expect(names(await pages(platform, '/users/~/apps', 'name ..; max=3, order=desc'))).toEqual([
    ['two', 'three', 'one'],
    ['four', 'five'],
  ])
  expect(names(await pages(platform, '/apps', 'name ]one..'))).toEqual([['three', 'two']])
  expect(names(await pages(platform, '/apps', 'name g..'))).toEqual([['one', 'three', 'two']])
})

it('apps in a list tell the same as each by itself', async () => {
  await using platform = await startTestPlatform()
  for (const name of ['demo', 'fresh']) await platform.api('POST', '/apps', {name})
  await platform.deploy('demo', {Procfile: 'web: serve\n'})
  const alone = [await platform.api('GET', '/apps/demo'), await platform.api('GET', '/apps/fresh')]
  expect(alone).toMatchObject([{buildpack_provided_description: 'Node.js'}, {buildpack_provided_description: null, slug_size: null}])
  expect(await platform.api('GET', '/apps')).toEqual(alone)
  const ids = (alone as {id: string}[]).map(({id}) => id)
  expect(await platform.api('POST', '/filters/apps', {in: {id: [ids[1], ids[1], 'demo']}})).toEqual([alone[1]])
})

it('lists of apps and releases open no config vars', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.deploy('demo', {Procfile: 'web: serve\n'})
  platform.runtime.store.run("UPDATE releases SET config_sealed = 'not to be opened'")
  expect(await platform.api('GET', '/apps')).toHaveLength(1)
  expect(await platform.api('GET', '/apps/demo/releases')).toHaveLength(3)
})

it('builds that began in one second are listed once each, on whatever page', async () => {
  await using platform = await startTestPlatform()
  await platform.api('POST', '/apps', {name: 'demo'})
  for (const version of ['a', 'b', 'c']) await platform.deploy('demo', {Procfile: 'web: serve\n'}, version)
  platform.runtime.store.run("UPDATE builds SET created_at = '2026-11-22T11:01:31.' || (100 + unicode(source_version)) || 'Z'")
  const versions = (list: {source_blob: {version: string}}[][]): string[] =>
    list.map(page => page.map(one => one.source_blob.version).join(''))
  expect(versions(await pages(platform, '/apps/demo/builds', 'created_at ..; max=1'))).toEqual(['a', 'b', 'c'])
  expect(versions(await pages(platform, '/apps/demo/builds', 'created_at ..; max=2, order=desc'))).toEqual(['cb', 'a'])
  expect(versions(await pages(platform, '/apps/demo/builds', 'created_at 2026-11-22T11:01:31Z..'))).toEqual(['abc'])
  await expect(pages(platform, '/apps/demo/builds', 'created_at yesterday..')).resolves.toMatchObject([{id: 'range_not_satisfiable'}])
})

it("an app's add-ons are listed without a look at those of others", async () => {
  await using platform = await startTestPlatform()
  for (const name of ['demo', 'other']) {
    await platform.api('POST', '/apps', {name})
    await platform.run(`addons:create heroku-redis --app ${name} --name ${name}-redis --wait`)
  }
  await platform.run('addons:attach demo-redis --app other --as SHARED')
  const sealed = platform.runtime.store.get<{sealed: string}>("SELECT credentials_sealed AS sealed FROM addons WHERE name = 'other-redis'")
  platform.runtime.store.run("UPDATE addons SET credentials_sealed = 'not to be opened' WHERE name = 'other-redis'")
  const {stdout} = await platform.run('addons --app demo')
  platform.runtime.store.run("UPDATE addons SET credentials_sealed = ? WHERE name = 'other-redis'", sealed!.sealed)
  expect(stdout).toMatch(/heroku-redis \(demo-redis\).*\n *├─ as REDIS *\n *└─ as SHARED on other app/)
  const shared = await platform.api<{name: string}[]>('GET', '/apps/other/addons')
  expect(shared.map(({name}) => name).toSorted()).toEqual(['demo-redis', 'other-redis'])
})
