import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openStore, readSetting, setting} from '../../../../src/lib/runtime/store/store.js'

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

  it('refuses a file of a newer version', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const store = await openStore(join(directory, 's'))
    store.exec('PRAGMA user_version=999')
    store.close()
    await expect(openStore(join(directory, 's'))).rejects.toThrow('written by a newer hokku')
    await rm(directory, {recursive: true})
  })
})
