import {describe, expect, test} from 'vitest'
import {progressBar} from '../../../src/lib/cli/formats/bar.js'
import {askClient, localDatabase} from '../../../src/lib/cli/local-database.js'
import {parseExclusions} from '../../../src/lib/cli/push-pull.js'

describe('a database of this machine', () => {
  test('is named as it is, and the rest is left to PGHOST and its kin', () => {
    expect(localDatabase('mine', {PGHOST: '/run/pg'})).toEqual({
      shown: 'mine',
      name: 'mine',
      near: true,
      env: {PGHOST: '/run/pg', PGDATABASE: 'mine'},
    })
  })

  test('or by a URL, whose password is shown nowhere', () => {
    const {env, ...database} = localDatabase('postgres://me:s%40cret@db.example.com/my%20db?sslmode=require', {PGSSLMODE: 'disable'})
    expect(database).toEqual({shown: 'postgres://me:…@db.example.com/my db?sslmode=require', name: 'my db', near: false})
    expect(env).toEqual({
      PGDATABASE: 'my db',
      PGHOST: 'db.example.com',
      PGPORT: '5432',
      PGUSER: 'me',
      PGPASSWORD: 's@cret',
      PGSSLMODE: 'require',
    })
    expect(localDatabase('postgres://localhost:5433/mine', {})).toMatchObject({near: true, env: {PGPORT: '5433'}})
    expect(localDatabase('postgres:///mine', {})).toMatchObject({near: true, name: 'mine'})
  })

  test('or not at all', () => {
    for (const wrong of ['mysql://host/db', 'postgres://host/', 'postgres://[::'])
      expect(() => localDatabase(wrong, {})).toThrow(expect.objectContaining({exit: 2}))
  })

  test('cannot be asked without the programs for it', async () => {
    const database = localDatabase('mine', {PATH: '/nonexistent'})
    await expect(askClient(database, 'pg_dump', [])).rejects.toMatchObject({
      message: 'There is no pg_dump on this machine.',
      suggestions: [expect.stringContaining('postgresql-client')],
    })
  })
})

test('exclusions are split as the official CLI splits them', () => {
  expect(parseExclusions(' a ; b.c;; ')).toEqual(['a', 'b.c'])
  expect(parseExclusions(undefined)).toEqual([])
})

test('a bar says how much of a guess is done, and is never done before the end', () => {
  expect(progressBar(0, 1000)).toBe('[>                   ] 0% 0 B')
  expect(progressBar(300 * 1024, 1024 * 1024)).toBe('[=====>              ] 29% 300 KB')
  expect(progressBar(5000, 1000)).toBe('[===================>] 99% 5 KB')
  expect(progressBar(5000, 0)).toBe('[>                   ] 0% 5 KB')
})
