import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openStore, type Store} from '../../src/lib/runtime/store/store.js'

let empty: Promise<Buffer> | undefined

/**
 * The store of a home, without waiting for the disk at each commit: a kill loses nothing of it, and no test cuts the power. A new one
 * begins as a copy of one that has its tables: making them takes longer than most tests.
 */
export async function unsyncedStore(path: string): Promise<Store> {
  empty ??= emptyStore()
  const bytes = await empty
  if (!existsSync(path)) writeFileSync(path, bytes)
  return openStore(path, 'OFF')
}

/** A store of nobody else, for who wants one with its tables and no home: in memory they would have to be made. Its files have no names. */
export async function scratchStore(): Promise<Store> {
  const directory = mkdtempSync(join(tmpdir(), 'hk-store-'))
  const store = await unsyncedStore(join(directory, 'scratch.sqlite'))
  rmSync(directory, {recursive: true})
  return store
}

async function emptyStore(): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'hk-store-'))
  const path = join(directory, 'empty.sqlite')
  const store = await openStore(path, 'OFF')
  // Until then the tables are in the log beside the file.
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  store.close()
  const bytes = readFileSync(path)
  rmSync(directory, {recursive: true})
  return bytes
}
