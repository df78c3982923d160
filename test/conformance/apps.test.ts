import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Clients} from './clients.js'
import {answersAsPublished, sameSteps} from './same.js'
import {stateOf} from './state.js'

describe('an app that has no code yet', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await Clients.start('conf')
  })
  afterAll(() => clients?.[Symbol.asyncDispose]())

  it('is created under its name, with the git remote each client uses', async () => {
    const {official, ours} = await clients.both('create APP')
    expect([official.exitCode, ours.exitCode]).toEqual([0, 0])
    expect(ours.stderr).toBe(official.stderr)
    expect(official.stdout).toMatch(/^http:\/\/APP\.localhost(:\d+)?\/ \| https:\/\/API\/APP\.git$/)
    expect(ours.stdout).toBe(official.stdout.replace('https://API', 'http://API'))
  })

  it('is in the list of apps', async () => {
    const {official, ours} = await clients.both('apps', {folder: clients.world.directory})
    expect(official.stdout).toMatch(/^=== dev@example\.com Apps\n/)
    for (const app of Object.values(clients.apps)) for (const {stdout} of [official, ours]) expect(stdout).toMatch(new RegExp(`APP|${app}`))
  })

  sameSteps(
    () => clients,
    [
      {command: 'apps:info', differs: 'ours leaves out sizes and dynos that there are none of'},
      {command: 'apps:info --json', differs: 'ids and times'},
      {command: 'config', differs: 'ours says that there are none'},
      {command: ['config:set', 'A=1', 'B=two words', "C=it's"]},
      {command: 'config'},
      {command: 'config -s', differs: "another way of quoting it's"},
      {command: 'config --json'},
      {command: 'config:get A'},
      {command: 'config:get B -s'},
      {command: 'config:get NOTHING'},
      {command: 'config:unset A C'},
      {command: 'config:set', fails: true, differs: 'ours names itself'},
      {command: 'maintenance'},
      {command: 'maintenance:on'},
      {command: 'maintenance'},
      {command: 'maintenance:off'},
      {command: 'features', differs: 'the official CLI hides what is not for everybody'},
      {command: 'features:enable runtime-dyno-metadata'},
      {command: 'features:info runtime-dyno-metadata'},
      {command: 'features:disable runtime-dyno-metadata'},
      {command: 'features:enable nonsense', fails: true},
      {command: 'domains'},
      {command: 'domains:add www.APP.example', differs: 'the official CLI names an article of Heroku'},
      {command: 'domains'},
      {command: 'domains:add www.APP.example', fails: true, differs: 'the official CLI says done before it says that it failed'},
      {command: 'domains:remove www.APP.example'},
      {command: 'drains'},
      {command: 'drains:add syslog://127.0.0.1:9'},
      {command: 'drains', differs: 'every drain has its own token'},
      {command: 'drains:add syslog://127.0.0.1:9', fails: true},
      {command: 'drains:add nonsense', fails: true},
      {command: 'drains:remove syslog://127.0.0.1:9'},
      {command: 'buildpacks'},
      {command: 'buildpacks:set https://github.com/heroku/heroku-buildpack-nodejs'},
      {command: 'buildpacks:add https://github.com/heroku/heroku-buildpack-ruby'},
      {command: 'buildpacks', differs: "the official CLI's title names Heroku's registry"},
      {command: 'buildpacks:remove https://github.com/heroku/heroku-buildpack-ruby'},
      {command: 'buildpacks:clear'},
      {command: 'releases'},
      {command: 'releases:info v2'},
      {command: 'ps'},
      {command: 'ps:scale web=1', fails: true},
      {command: 'run ls', fails: true, differs: 'ours says what it was doing'},
      {command: 'stack'},
      {command: 'stack:set heroku-26'},
      {command: 'stack:set nonsense', fails: true},
    ],
  )

  it('is renamed, and gone under its old name', async () => {
    const names = {official: 'renamed-official', ours: 'renamed-ours'}
    for (const who of ['official', 'ours'] as const) {
      expect((await clients.run(who, ['apps:rename', names[who]])).exitCode).toBe(0)
      expect((await clients.run(who, 'apps:info')).stderr).toContain("Couldn't find that app.")
      clients.apps[who] = names[who]
    }
    expect(await stateOf(clients, 'ours')).toEqual(await stateOf(clients, 'official'))
  })

  it('is destroyed with the confirmation of its name only', async () => {
    const wrong = await clients.both('apps:destroy APP --confirm another')
    expect(Object.values(wrong).map(one => one.exitCode > 0)).toEqual([true, true])
    const right = await clients.both('apps:destroy APP --confirm APP')
    expect(Object.values(right).map(one => one.exitCode)).toEqual([0, 0])
    expect(right.ours.stderr).toBe(right.official.stderr)
    expect(await clients.api<unknown[]>('/apps')).toEqual([])
  })

  answersAsPublished(() => clients)
})
