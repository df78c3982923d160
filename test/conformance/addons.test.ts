import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {AddOn} from '../../src/lib/schema/resources.js'
import {fakePartner} from '../support/fake-partner.js'
import {Clients} from './clients.js'
import {answersAsPublished, sameSteps} from './same.js'
import {stateOf} from './state.js'

const whos = ['official', 'ours'] as const

describe('add-ons', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await Clients.start('addon')
    for (const who of whos) expect((await clients.run(who, 'create APP --no-remote')).exitCode).toBe(0)
  })
  afterAll(() => clients?.[Symbol.asyncDispose]())

  sameSteps(
    () => clients,
    [
      {command: 'addons'},
      {command: 'addons:create heroku-postgresql:essential-0', differs: 'ours waits until it is there'},
      {command: 'addons:create heroku-redis:mini --as CACHE', differs: 'ours waits until it is there'},
      {command: 'addons:create nonsense:plan', fails: true},
      {command: 'addons'},
      {command: 'addons:wait'},
      {command: 'config:get DATABASE_URL', differs: 'every database has its own password', prints: /^postgres:\/\//},
      {command: 'pg:info'},
      {command: 'pg:wait'},
      {command: 'pg:credentials:url', differs: 'every database has its own password', prints: /postgres:\/\/\w+:\w+@127\.0\.0\.1:\d+\/\w+/},
      {command: 'pg:backups'},
      {command: 'pg:backups:schedules'},
      {command: 'pg:backups:capture', differs: 'ours gives its hints on stderr'},
      {command: 'pg:backups'},
      {command: 'pg:backups:info', differs: 'ours has fewer empty lines'},
      {command: 'pg:backups:url', differs: 'every backup has its own', prints: /^https:\/\/API\/backups\/UUID\./},
      {command: ['pg:backups:schedule', 'DATABASE_URL', '--at', '02:00 CET']},
      {command: 'pg:backups:schedules'},
      {command: 'pg:backups:unschedule'},
      {command: 'pg:backups:unschedule', fails: true, differs: 'the official CLI draws no mark before some of its errors'},
      {command: 'pg:backups:restore b001 DATABASE_URL --confirm APP --app APP', differs: 'ours gives its hints on stderr'},
      {command: 'pg:backups:cancel', fails: true},
      {command: 'pg:backups:delete b001 --confirm APP --app APP'},
      {command: 'pg:backups'},
      {command: 'redis:info'},
      {command: 'redis:wait'},
      {command: 'redis:maxmemory --policy volatile-lru'},
      {command: 'redis:maxmemory --policy largest', fails: true},
      {command: 'redis:timeout --seconds 60'},
      {command: 'redis:timeout --seconds 0'},
      {command: 'redis:keyspace-notifications --config AKE'},
      {command: 'redis:credentials --reset'},
      {command: 'pg:credentials:rotate --confirm APP --app APP'},
      {command: 'pg:credentials'},
      {command: 'pg:killall'},
      {command: 'pg:reset --confirm APP --app APP'},
      {command: 'pg:copy DATABASE_URL CACHE_URL --confirm APP --app APP', fails: true, differs: 'ours names what there is'},
      {command: 'redis:stats-reset --confirm APP --app APP'},
      {command: 'redis:info'},
    ],
  )

  it('are shown, attached again, detached and destroyed by name', async () => {
    const names = {} as Record<(typeof whos)[number], string>
    for (const who of whos)
      names[who] = (await clients.api<AddOn[]>(`/apps/${clients.apps[who]}/addons`)).find(one => one.plan.name.includes('postgresql'))
        ?.name as string
    const both = async (make: (addon: string) => string): Promise<void> => {
      const [official, ours] = [await clients.run('official', make(names.official)), await clients.run('ours', make(names.ours))]
      expect(official.exitCode, official.stderr).toBe(0)
      expect(ours).toEqual(official)
      expect(await stateOf(clients, 'ours')).toEqual(await stateOf(clients, 'official'))
    }
    await both(addon => `addons:info ${addon}`)
    await both(addon => `addons:attach ${addon} --as SECOND`)
    await both(() => 'addons:detach SECOND')
    for (const who of whos) {
      const destroyed = await clients.run(who, `addons:destroy ${names[who]} --confirm ${clients.apps[who]}`)
      expect(destroyed.exitCode, destroyed.stderr).toBe(0)
    }
    expect(await stateOf(clients, 'ours')).toEqual(await stateOf(clients, 'official'))
  })

  it('of a partner are created, upgraded, opened and destroyed', async () => {
    await using partner = await fakePartner()
    const manifest = join(clients.world.directory, 'acme', 'addon-manifest.json')
    await clients.world.write(clients.world.directory, {'acme/addon-manifest.json': JSON.stringify(partner.manifest())})
    await clients.world.ok(['addons:install', manifest])
    for (const who of whos) {
      const run = async (command: string): Promise<string> => {
        const {exitCode, stdout, stderr} = await clients.run(who, command)
        expect(exitCode, `${who}: ${command}\n${stderr}`).toBe(0)
        return stdout
      }
      const created = await run(`addons:create acme:basic --name acme-${who}`)
      expect(created).toContain(`Created acme-${who} as ACME_URL`)
      await run(`addons:upgrade acme-${who} acme:premium`)
      expect(partner.requests.at(-1)).toMatchObject({method: 'PUT', body: {plan: 'premium'}})
      expect(await run('config:get ACME_URL')).toMatch(/^acme:/)
      expect(await run(`addons:open acme-${who} --show-url`)).toMatch(who === 'official' ? /^http:.*\/sso\// : /^file:/)
      await run(`addons:destroy acme-${who} --confirm APP --app APP`)
      expect(partner.requests.at(-1)?.method).toBe('DELETE')
    }
    partner.behave(() => ({status: 422, body: {message: 'Acme is sold out.'}}))
    for (const who of whos) expect((await clients.run(who, 'addons:create acme')).stderr).toContain('Acme is sold out.')
    await clients.world.ok('addons:uninstall acme --confirm acme')
  })

  it('have a catalogue', async () => {
    for (const command of ['addons:services', 'addons:plans heroku-postgresql']) {
      const [official, ours] = [
        await clients.run('official', command, {folder: clients.world.directory}),
        await clients.run('ours', command, {folder: clients.world.directory}),
      ]
      expect(official.exitCode, official.stderr).toBe(0)
      expect(ours.stdout).toBe(official.stdout)
    }
  })

  answersAsPublished(() => clients)
})
