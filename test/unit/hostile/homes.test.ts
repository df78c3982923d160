import {rmSync, truncateSync, writeFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {launch} from '../../../src/lib/client/launch.js'
import {migrations} from '../../../src/lib/runtime/store/migrations.js'
import {openStore, writeSetting} from '../../../src/lib/runtime/store/store.js'
import {loadSeal} from '../../../src/lib/runtime/support/seal.js'
import {homeAt} from '../../../src/lib/schema/home.js'
import {temporaryDirectory} from './temporary-directory.js'

describe('a home', () => {
  it('of a newer version is left alone, and says what to do', async () => {
    await using at = await temporaryDirectory()
    const path = `${at.path}/hokku.sqlite`
    const store = await openStore(path)
    store.exec(`PRAGMA user_version=${migrations.length + 1}`)
    store.close()
    await expect(openStore(path)).rejects.toThrow(/was written by a newer hokku .* update hokku/)
  })

  it('of the first version is brought up to date with what is in it', async () => {
    await using at = await temporaryDirectory()
    const path = `${at.path}/hokku.sqlite`
    const {openSqlite} = await import('../../../src/lib/runtime/store/sqlite.js')
    const old = await openSqlite(path)
    old.exec(migrations[0] as string)
    old.exec(`PRAGMA user_version=1; INSERT INTO settings VALUES ('kept', 'yes')`)
    old.close()
    const store = await openStore(path)
    expect(store.get('PRAGMA user_version')).toEqual({user_version: migrations.length})
    expect(store.get(`SELECT value FROM settings WHERE key = 'kept'`)).toEqual({value: 'yes'})
    store.close()
  })

  it.each([
    ['no database', (path: string) => writeFileSync(path, 'this is no database, but long enough to be looked at '.repeat(100))],
    ['cut off', (path: string) => truncateSync(path, 5000)],
  ])('with a store that is %s names the file, and does not begin a new one', async (_, damage) => {
    await using at = await temporaryDirectory()
    const path = `${at.path}/hokku.sqlite`
    const store = await openStore(path)
    store.transaction(() => {
      for (let count = 0; count < 500; count += 1) writeSetting(store, `key ${count}`, 'x'.repeat(100))
    })
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    store.close()
    damage(path)
    const opened = openStore(path).then(damaged => damaged.all('SELECT * FROM settings'))
    await expect(opened).rejects.toThrow(path)
  })

  it('that has lost its key does not get another one', async () => {
    await using at = await temporaryDirectory()
    const store = await openStore(':memory:')
    const path = `${at.path}/key`
    const sealed = loadSeal(path, store).seal('value')
    expect(loadSeal(path, store).open(sealed)).toBe('value')
    rmSync(path)
    expect(() => loadSeal(path, store)).toThrow(/key file .* is missing.*put the key back from a backup/)
    writeFileSync(path, Buffer.alloc(32, 7))
    expect(() => loadSeal(path, store)).toThrow(/is not the key that this home's secrets were sealed with/)
    writeFileSync(path, 'short')
    expect(() => loadSeal(path, store)).toThrow(/is not a key file of hokku \(32 bytes\)/)
    store.close()
  })
})

describe('a home that cannot be written', () => {
  it.each(['/dev/null/home', '/dev/null'])('(%s) is named with what to do instead, before anything is started', async root => {
    await expect(launch(homeAt(root), {})).rejects.toThrow(
      new RegExp(`^Nothing can be written to ${root}, where hokku keeps what it knows: E.*name another directory with HOKKU_HOME`),
    )
  })
})
