import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Domain, SniEndpoint} from '../../src/lib/schema/resources.js'
import {testAuthority} from '../support/certificates.js'
import {Clients} from './clients.js'
import {answersAsPublished, sameSteps} from './same.js'

describe('domains and their certificates', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await Clients.start('certs')
    const authority = testAuthority()
    for (const app of Object.values(clients.apps)) {
      const identity = authority.issue([`www.${app}.example`, `*.api.${app}.example`])
      await writeFile(join(clients.world.directory, `${app}.crt`), identity.certificate)
      await writeFile(join(clients.world.directory, `${app}.key`), identity.key)
    }
    expect((await clients.both('create APP')).official.exitCode).toBe(0)
  })
  afterAll(() => clients?.[Symbol.asyncDispose]())

  sameSteps(
    () => clients,
    [
      {command: 'certs'},
      {command: 'certs:info', fails: true, differs: 'the official CLI draws no mark before some of its errors'},
      {command: 'certs:add APP.key APP.crt', fails: true},
      {command: 'certs:add nothing.crt nothing.key', fails: true, differs: 'ours names the file first'},
      {command: 'certs:add APP.crt APP.key', differs: 'the official CLI waits for domains of Heroku'},
      {command: 'certs'},
      {command: 'certs:info'},
      {command: 'certs:info --show-domains', differs: 'ours does not say that it looks for the domains'},
      {command: 'domains:add www.APP.example', differs: 'the official CLI names an article of Heroku'},
      {command: 'domains:wait www.APP.example'},
    ],
  )

  it('domains:update shows a domain with a certificate', async () => {
    for (const who of ['official', 'ours'] as const) {
      const [endpoint] = await clients.api<SniEndpoint[]>(`/apps/${clients.apps[who]}/sni-endpoints`)
      const {exitCode, stderr} = await clients.run(who, ['domains:update', 'www.APP.example', '--cert', endpoint?.name ?? ''])
      expect([exitCode, stderr]).toEqual([0, 'Updating www.APP.example to use name-12345 certificate... done'])
      const [custom] = (await clients.api<Domain[]>(`/apps/${clients.apps[who]}/domains`)).filter(({kind}) => kind === 'custom')
      expect(custom?.sni_endpoint?.name).toBe(endpoint?.name)
    }
  })

  sameSteps(
    () => clients,
    [
      {command: 'certs'},
      {command: 'certs:info --show-domains', differs: 'ours does not say that it looks for the domains'},
      {command: 'domains'},
      {command: 'domains:info www.APP.example', differs: 'the order of its lines'},
      {command: 'certs:update APP.crt APP.key --confirm APP --app APP'},
      {
        command: 'certs:remove --confirm another --app APP',
        fails: true,
        differs: 'the official CLI draws no mark before some of its errors',
      },
      {command: 'certs:remove --confirm APP --app APP'},
      {command: 'certs'},
      {command: 'domains:add *.api.APP.example', differs: 'the official CLI names an article of Heroku'},
      {command: 'certs:auto'},
      {command: 'certs:auto:enable', differs: 'who manages certificates'},
      {command: 'certs:auto', differs: 'the order of domains, and an article of Heroku'},
      {command: 'certs:auto:refresh'},
      {command: 'certs:auto:disable --confirm APP --app APP'},
      {command: 'certs:auto'},
      {command: 'domains:remove *.api.APP.example'},
    ],
  )

  it('domains:clear removes the custom ones; ours asks for a confirmation, the official CLI does not', async () => {
    const official = await clients.run('official', 'domains:clear')
    expect((await clients.run('ours', 'domains:clear')).exitCode).toBe(1)
    const ours = await clients.run('ours', 'domains:clear --confirm APP --app APP')
    expect([official.exitCode, ours.exitCode, ours.stderr]).toEqual([0, 0, official.stderr])
    for (const app of Object.values(clients.apps)) expect((await clients.api<Domain[]>(`/apps/${app}/domains`)).length).toBe(1)
  })

  answersAsPublished(() => clients)
})
