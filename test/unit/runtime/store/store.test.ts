import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {migrations} from '../../../../src/lib/runtime/store/migrations.js'
import {openSqlite} from '../../../../src/lib/runtime/store/sqlite.js'
import {openStore, readSetting, type Store, setting} from '../../../../src/lib/runtime/store/store.js'

describe('the store', () => {
  it('undoes a transaction that throws, and only the inner one of two', async () => {
    const store = await openStore(':memory:')
    setting(store, 'a', () => '1')
    store.transaction(() => {
      setting(store, 'b', () => '2')
      expect(() =>
        store.transaction(() => {
          setting(store, 'c', () => '3')
          throw new Error('inner')
        }),
      ).toThrow('inner')
    })
    expect(() =>
      store.transaction(() => {
        setting(store, 'd', () => '4')
        throw new Error('outer')
      }),
    ).toThrow('outer')
    expect(['a', 'b', 'c', 'd'].map(key => readSetting(store, key))).toEqual(['1', '2', undefined, undefined])
  })

  it('is the same after it was closed and opened', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const first = await openStore(join(directory, 's'))
    setting(first, 'a', () => '1')
    first.close()
    const second = await openStore(join(directory, 's'))
    expect(setting(second, 'a', () => '2')).toBe('1')
    second.close()
    await rm(directory, {recursive: true})
  })

  it('waits for the disk at every commit, unless a test says otherwise', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const synchronous = (store: Store): number | undefined => {
      const found = store.get<{synchronous: number}>('PRAGMA synchronous')?.synchronous
      store.close()
      return found
    }
    expect(synchronous(await openStore(join(directory, 's')))).toBe(2)
    expect(synchronous(await openStore(join(directory, 's'), 'OFF'))).toBe(0)
    await rm(directory, {recursive: true})
  })

  it('of before apps knew their slugs learns them from the releases', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const before = await openSqlite(join(directory, 's'))
    for (const step of migrations.slice(0, 3)) before.exec(step)
    before.exec(`PRAGMA user_version=3;
      INSERT INTO apps (id, name, stack, build_stack, region, current_release, created_at, updated_at)
        VALUES ('a', 'built', '', '', '', 'r', '', ''), ('b', 'blank', '', '', '', 's', '', '');
      INSERT INTO slugs (id, app_id, image, stack, process_types, created_at) VALUES ('slug', 'a', '', '', '{}', '');
      INSERT INTO releases (id, app_id, version, slug_id, description, status, user_email, config_sealed, created_at, updated_at)
        VALUES ('r', 'a', 1, 'slug', '', 'succeeded', '', '', '', ''), ('s', 'b', 1, NULL, '', 'succeeded', '', '', '', '')`)
    before.close()
    const store = await openStore(join(directory, 's'))
    expect(store.all('SELECT name, current_slug FROM apps ORDER BY id')).toEqual([
      {name: 'built', current_slug: 'slug'},
      {name: 'blank', current_slug: null},
    ])
    store.close()
    await rm(directory, {recursive: true})
  })

  it('refuses a file of a newer version', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const store = await openStore(join(directory, 's'))
    store.exec('PRAGMA user_version=999')
    store.close()
    await expect(openStore(join(directory, 's'))).rejects.toThrow('written by a newer hokku')
    await rm(directory, {recursive: true})
  })

  it('that is damaged is left as it is and says what to do', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const path = join(directory, 's')
    const junk = 'this is no store '.repeat(500)
    await writeFile(path, junk)
    await expect(openStore(path)).rejects.toThrow(/s is damaged and was left as it is: .* Put a backup of it in its place/)
    expect(await readFile(path, 'utf8')).toBe(junk)
    await rm(directory, {recursive: true})
  })

  it('on a full disk undoes the change, names the disk, and goes on when there is room again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const store = await openStore(join(directory, 's'))
    setting(store, 'before', () => 'x')
    store.exec(`PRAGMA max_page_count=${(store.get<{page_count: number}>('PRAGMA page_count')?.page_count ?? 0) + 2}`)
    const fill = (): void =>
      store.transaction(() => {
        setting(store, 'during', () => 'y')
        store.transaction(() => setting(store, 'large', () => 'z'.repeat(1_000_000)))
      })
    expect(fill).toThrow(`The disk that holds ${directory} is full`)
    expect(['before', 'during', 'large'].map(key => readSetting(store, key))).toEqual(['x', undefined, undefined])
    store.exec('PRAGMA max_page_count=1000000')
    fill()
    expect(readSetting(store, 'large')).toHaveLength(1_000_000)
    store.close()
    await rm(directory, {recursive: true})
  })
})
