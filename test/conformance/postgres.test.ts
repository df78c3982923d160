import {afterAll, beforeAll, describe, expect} from 'vitest'
import type {AddOn} from '../../src/lib/schema/resources.js'
import {eventually} from '../support/eventually.js'
import {Clients} from './clients.js'
import {answersAsPublished, sameSteps} from './same.js'

describe('followers, the past and the pool of a database', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await Clients.start('pg')
    for (const who of ['official', 'ours'] as const) {
      expect((await clients.run(who, 'create APP --no-remote')).exitCode).toBe(0)
      expect((await clients.run(who, 'addons:create heroku-postgresql:standard-0')).exitCode).toBe(0)
      expect((await clients.run(who, 'addons:wait')).exitCode).toBe(0)
      const [addon] = await clients.api<AddOn[]>(`/apps/${clients.apps[who]}/addons`)
      // A name that is made up would be another one for each.
      await eventually(async () => expect((await clients.run(who, 'pg:info')).stdout).toContain('Rollback: earliest from'), 60_000)
      expect((await clients.run(who, `addons:attach ${addon?.name} --as FIRST`)).exitCode).toBe(0)
    }
  })
  afterAll(() => clients?.[Symbol.asyncDispose]())

  const waits = {differs: 'ours waits until it is there'}
  sameSteps(
    () => clients,
    [
      {command: 'addons:create heroku-postgresql:standard-0 --as MIRROR -- --follow DATABASE_URL', ...waits},
      {command: 'addons:wait'},
      {command: 'pg:info', differs: 'ours names DATABASE_URL before other names of the same', prints: /Following: postgresql-name-12345\n/},
      {command: 'pg:unfollow DATABASE_URL --confirm APP --app APP', fails: true},
      {command: 'pg:unfollow MIRROR --confirm APP --app APP'},
      {command: 'pg:info MIRROR', differs: 'the past of a database begins a little later', prints: /Fork\/Follow: Available\n/},
      {command: 'pg:connection-pooling:attach DATABASE_URL --as DATABASE_CONNECTION_POOL'},
      {command: 'pg:promote MIRROR'},
      {command: 'addons:detach DATABASE_CONNECTION_POOL'},
      {
        command: ['addons:create', 'heroku-postgresql:standard-0', '--', '--rollback', 'MIRROR', '--to', '1999-01-01 00:00+00'],
        fails: true,
        differs: 'every database has its own past',
        prints: /cannot be rolled back/,
      },
    ],
  )

  answersAsPublished(() => clients)
})
