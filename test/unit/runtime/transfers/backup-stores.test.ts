import {randomBytes, randomUUID} from 'node:crypto'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import {pathToFileURL} from 'node:url'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {openStore, type Store} from '../../../../src/lib/runtime/store/store.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {SealedFiles} from '../../../../src/lib/runtime/support/sealed-files.js'
import {BackupStores} from '../../../../src/lib/runtime/transfers/backup-stores.js'
import {type S3Server, s3Keys, startS3} from '../../../support/s3-server.js'

const homeId = randomUUID()
const how = () => ({onBytes: () => undefined, signal: AbortSignal.timeout(30_000)})

let s3: S3Server
let folder: string
let store: Store
beforeAll(async () => {
  s3 = await startS3()
  folder = await mkdtemp(join(tmpdir(), 'hk-stores-'))
  store = await openStore(':memory:')
})
afterAll(async () => {
  await s3[Symbol.asyncDispose]()
  await rm(folder, {recursive: true})
  store.close()
})

const seal = new Seal(randomBytes(32))
function stores(): BackupStores {
  return new BackupStores({store, seal, homeId, local: new SealedFiles(join(folder, 'home'), seal.keyFor('backups'), 'dump')})
}

/** Files of the server below its bucket that are objects. */
async function objects(): Promise<string[]> {
  const all = await readdir(join(s3.directory, s3.bucket), {recursive: true})
  return all.filter(name => name.endsWith('._S3rver_object')).map(name => name.replace('._S3rver_object', ''))
}

test('a bucket takes dumps of many parts, which nobody can read, and gives them back', async () => {
  const all = stores()
  await all.use({url: `s3://${s3.bucket}/some/prefix`, endpoint: s3.endpoint, keys: s3Keys})
  expect(all.current).toBe(`s3://${s3.bucket}/some/prefix at ${s3.endpoint}`)
  expect(await objects()).toEqual([])
  // Parts have 16 MB: two whole ones and the rest.
  const dump = Buffer.concat([Buffer.from('PLANTED'), randomBytes(33 * 1024 * 1024)])
  const id = randomUUID()
  let counted = 0
  const onBytes = (bytes: number): void => {
    counted = bytes
  }
  await all.of(all.current).write(id, Readable.from(chunks(dump)), {onBytes, signal: AbortSignal.timeout(60_000)})
  expect(counted).toBe(dump.length)
  expect(await objects()).toEqual([`some/prefix/${homeId}/${id}.dump`])
  const kept = await readFile(join(s3.directory, s3.bucket, `some/prefix/${homeId}/${id}.dump._S3rver_object`))
  expect(kept.includes('PLANTED')).toBe(false)
  // A runtime that starts later knows the bucket and its keys.
  expect((await buffer(stores().of(all.current).read(id))).equals(dump)).toBe(true)
  await all.of(all.current).remove(id)
  expect(await objects()).toEqual([])
})

test('a dump that breaks off leaves neither an object nor parts of one', async () => {
  const all = stores()
  await all.use({url: `s3://${s3.bucket}`, endpoint: s3.endpoint, keys: s3Keys})
  const breaking = async function* () {
    yield randomBytes(20 * 1024 * 1024)
    throw new Error('broken off')
  }
  await expect(all.of(all.current).write(randomUUID(), Readable.from(breaking()), how())).rejects.toThrow('broken off')
  expect(await objects()).toEqual([])
})

test('a changed dump is refused, and one that is not there', async () => {
  const all = stores()
  const files = all.of(all.current)
  const [one, other] = [randomUUID(), randomUUID()]
  for (const id of [one, other]) await files.write(id, Readable.from([Buffer.from(`dump ${id}`)]), how())
  const at = (id: string) => join(s3.directory, s3.bucket, homeId, `${id}.dump._S3rver_object`)
  const {writeFile} = await import('node:fs/promises')
  await writeFile(at(one), await readFile(at(other)))
  await expect(buffer(files.read(one))).rejects.toThrow('damaged')
  await expect(buffer(files.read(randomUUID()))).rejects.toThrow(/not exist|not found/i)
})

test('what cannot be used is refused with what is wrong with it, and the store stays what it was', async () => {
  const all = stores()
  const before = all.current
  const endpoint = s3.endpoint
  const wrongKeys = all.use({url: `s3://${s3.bucket}`, endpoint, keys: {access: 'NOBODY', secret: 'S3RVER'}})
  await expect(wrongKeys).rejects.toMatchObject({
    id: 'invalid_params',
    message: expect.stringMatching(/cannot be used for backups: .*access key/i),
  })
  await expect(all.use({url: 's3://nowhere', endpoint, keys: s3Keys})).rejects.toThrow(/cannot be used for backups: .*bucket/i)
  await expect(all.use({url: 's3://backups', endpoint})).rejects.toThrow('A bucket needs an access key and its secret.')
  await expect(all.use({url: 's3://backups', endpoint: 'http://127.0.0.1:1', keys: s3Keys})).rejects.toThrow(/ECONNREFUSED/)
  for (const url of ['ftp://x', 'nonsense']) await expect(all.use({url})).rejects.toThrow(`${url} is neither local, nor file:///FOLDER`)
  expect(all.current).toBe(before)
  expect(() => all.of('s3://never')).toThrow('There is no store s3://never.')
  expect(JSON.stringify(store.all('SELECT * FROM settings'))).not.toContain('"secret":"S3RVER"')
})

test('any folder will do, and the home is the first one', async () => {
  const all = stores()
  await all.use({url: 'local'})
  expect(all.facts()).toEqual({url: 'local', endpoint: null, region: null, access_key: null})
  const url = pathToFileURL(join(folder, 'elsewhere')).href
  await all.use({url})
  const files = all.of(url)
  await files.write('a', Readable.from([Buffer.from('dump')]), how())
  await files.keep('a')
  expect(await readdir(join(folder, 'elsewhere', homeId))).toEqual(['a.dump'])
  expect((await buffer(files.read('a'))).toString()).toBe('dump')
})

function* chunks(all: Buffer): Generator<Buffer> {
  for (let at = 0; at < all.length; at += 65_536) yield all.subarray(at, at + 65_536)
}
