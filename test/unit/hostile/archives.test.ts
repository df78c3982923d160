import {createHash} from 'node:crypto'
import {readdir} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {finished} from 'node:stream/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {Sources} from '../../../src/lib/runtime/builds/sources.js'
import {paxRecord, tarEnd, tarHeader, tarPadding} from '../../../src/lib/runtime/slugs/tar-write.js'
import {eventually} from '../../support/eventually.js'
import {sourceOf, tarOf} from '../runtime/slugs/source-files.js'
import {numbers} from './random.js'
import {temporaryDirectory} from './temporary-directory.js'

/** A tar header with a field of its own, and a checksum that is right again. */
function header(path: string, field: {at: number; text: string | Buffer}, size = 0): Buffer {
  const made = tarHeader({path, mode: 0o644, size})
  Buffer.from(field.text).copy(made, field.at)
  made.fill(0x20, 148, 156)
  const sum = made.reduce((total, byte) => total + byte, 0)
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return made
}

const sizeField = 124
const typeField = 156
const refused = async (tar: Buffer): Promise<string> =>
  await sourceOf(tar).then(
    async at => {
      await at[Symbol.asyncDispose]()
      return 'accepted'
    },
    (error: Error) => error.message,
  )
const damaged = 'The source is not a tar archive, or it is damaged or cut off.'

describe('an archive is refused with a sentence when', () => {
  test.each([
    ['a path climbs out', tarOf([{path: '../up', text: 'x'}]), '"../up": a path that leads out of the app\'s source.'],
    ['a path climbs out in the middle', tarOf([{path: 'a/../../up', text: 'x'}]), 'a path that leads out'],
    ['a path is absolute', tarOf([{path: '/etc/cron.d/x', text: 'x'}]), 'a path that leads out'],
    ['a path holds a newline', tarOf([{path: 'a\nRUN x', text: 'x'}]), 'a path that leads out'],
    ['a symlink leads out', tarOf([{path: 'a/b', link: '../../etc/passwd'}]), 'a symlink to ../../etc/passwd, which is outside'],
    ['a symlink is absolute', tarOf([{path: 'key', link: '/run/hokku/ca'}]), 'a symlink to /run/hokku/ca, which is outside'],
    [
      'a file lies behind a symlink',
      tarOf([
        {path: 'a', link: 'b'},
        {path: 'a/c', text: 'x'},
      ]),
      'lies behind a symlink',
    ],
    ['it holds a character device', Buffer.concat([header('null', {at: typeField, text: '3'}), tarEnd]), 'a device or a pipe has no place'],
    ['it holds a block device', Buffer.concat([header('sda', {at: typeField, text: '4'}), tarEnd]), 'a device or a pipe has no place'],
    ['it holds a pipe', Buffer.concat([header('pipe', {at: typeField, text: '6'}), tarEnd]), 'a device or a pipe has no place'],
    ['it is cut off', tarOf([{path: 'a', text: 'x'.repeat(5000)}]).subarray(0, 2000), damaged],
    [
      'it is no tar at all',
      Buffer.from('PK\x03\x04 a zip file, say, which is longer than one block of a tar archive '.repeat(20)),
      damaged,
    ],
    ['it is a few bytes of text', Buffer.from('hello'), damaged],
    ['a header was tampered with', Buffer.concat([tarHeader({path: 'a', mode: 0o644, size: 0}).fill('z', 0, 1), tarEnd]), damaged],
    ['a file says it is larger than the archive', Buffer.concat([tarHeader({path: 'a', mode: 0o644, size: 1 << 30}), tarEnd]), damaged],
    ['a size is negative', Buffer.concat([header('a', {at: sizeField, text: '-0000001000\0'}), tarEnd]), damaged],
    ['a size is not a number', Buffer.concat([header('a', {at: sizeField, text: 'zzzzzzzzzzz\0'}), tarEnd]), damaged],
    ['a size overflows', Buffer.concat([header('a', {at: sizeField, text: Buffer.alloc(12, 0xff)}), tarEnd]), damaged],
    [
      'a long name is larger than any',
      Buffer.concat([header('x', {at: typeField, text: 'L'}, 2 << 20), Buffer.alloc(2 << 20), tarEnd]),
      damaged,
    ],
  ])('%s', async (_, tar, message) => {
    expect(await refused(tar as Buffer)).toContain(message)
  })

  const pax = (fields: Record<string, string>, rest: Buffer): Buffer => {
    const records = Object.entries(fields).map(([key, value]) => paxRecord(key, value))
    const content = Buffer.from(records.join(''))
    return Buffer.concat([header('pax', {at: typeField, text: 'x'}, content.length), content, tarPadding(content.length), rest, tarEnd])
  }
  const empty = tarHeader({path: 'a', mode: 0o644, size: 0})
  const hardLink = (path: string, to: string): Buffer => {
    const made = header(path, {at: typeField, text: '1'})
    return header(path, {at: 0, text: Buffer.concat([made.subarray(0, 157), Buffer.from(to), made.subarray(157 + to.length)])})
  }

  test.each([
    // Word for word these stay inside: x/y/l leads to x, so that ../.. from there is above the root.
    [
      'a chain of symlinks leads out',
      tarOf([
        {path: 'x/y/l', link: '..'},
        {path: 'x/y/m', link: 'l/../../secret'},
      ]),
      'x/y/m: a symlink to',
    ],
    [
      'a symlink leads out by way of another',
      tarOf([
        {path: 'd/up', link: '../..'},
        {path: 'd/x', link: 'up/etc'},
      ]),
      'd/up: a symlink to',
    ],
    ['a symlink to /app goes on above it', tarOf([{path: 'a', link: '/app/../etc'}]), 'a: a symlink to /app/../etc'],
    [
      'a hard link copies a symlink to where it leads out',
      Buffer.concat([tarOf([{path: 'a/b/l', link: '../../x'}]).subarray(0, 512), hardLink('l', 'a/b/l'), tarEnd]),
      'l: a symlink to ../../x',
    ],
    ['a hard link climbs out', Buffer.concat([hardLink('a', '../../etc/passwd'), tarEnd]), 'a path that leads out'],
    [
      'a file lies below a file',
      tarOf([
        {path: 'a', text: 'x'},
        {path: 'a/b', text: 'y'},
      ]),
      'a/b: lies below a, which is a file',
    ],
    ['a path of pax climbs out', pax({path: '../up'}, empty), 'a path that leads out'],
    ['the last of two paths of pax climbs out', pax({path: 'good'}, pax({path: '/etc/passwd'}, empty)), 'a path that leads out'],
    ['a path of pax is longer than Linux has them', pax({path: 'a/'.repeat(3000)}, empty), 'longer than Linux'],
    ['a name in a path of pax is longer than Linux has them', pax({path: 'a'.repeat(300)}, empty), 'longer than Linux'],
    ['a symlink leads further than Linux has them', tarOf([{path: 'a', link: 'd/'.repeat(3000)}]), 'longer than Linux'],
    ['a size of pax is more than there is', pax({size: '99999999999'}, empty), damaged],
    ['a size of pax is none', pax({size: '-1'}, empty), damaged],
    [
      'it holds a sparse file, GNU’s old kind',
      Buffer.concat([header('huge', {at: typeField, text: 'S'}), tarEnd]),
      'huge: is a sparse file',
    ],
    [
      'it holds a sparse file of a terabyte, the pax kind',
      pax({'GNU.sparse.major': '1', 'GNU.sparse.realsize': '1099511627776', 'GNU.sparse.name': 'huge'}, empty),
      'huge: is a sparse file',
    ],
  ])('%s', async (_, tar, message) => {
    expect(await refused(tar)).toContain(message)
  })

  test('a hard link names what is not there', async () => {
    const link = header('a', {at: typeField, text: '1'})
    expect(await refused(Buffer.concat([link, tarEnd]))).toContain('a hard link to')
  })
})

test('names that differ in case only, links in a circle and links within stay as they are', async () => {
  const files = [
    {path: '.GIT/config', text: 'x'},
    {path: 'A', text: '1'},
    {path: 'a', text: '2'},
    {path: 'b', link: 'c'},
    {path: 'c', link: 'b'},
    {path: 'd/e', link: '../a'},
    {path: 'f', link: '/app/d/e'},
  ]
  await using at = await sourceOf(files)
  expect(at.source.paths).toEqual(['.GIT/config', 'A', 'a', 'b', 'c', 'd/e', 'f'])
})

test('an empty archive is an empty source', async () => {
  await using at = await sourceOf(tarEnd)
  expect(at.source.paths).toEqual([])
})

test('bytes that make no sense never hang nor crash the index', async () => {
  const whole = tarOf([
    {path: 'package.json', text: '{}'},
    {path: 'lib/index.js', text: 'x'.repeat(700)},
    {path: 'link', link: 'lib/index.js'},
  ])
  const seed = Number(process.env['HOKKU_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  const random = numbers(seed)
  const rounds = Number(process.env['HOKKU_ROUNDS'] ?? 100)
  for (let round = 0; round < rounds; round += 1) {
    const tar = Buffer.from(whole)
    for (let flips = 1 + (random() % 4); flips > 0; flips -= 1) tar[random() % tar.length] = random() % 256
    const cut = random() % 3 === 0 ? tar.subarray(0, random() % tar.length) : tar
    const outcome = await refused(cut)
    expect(outcome === 'accepted' || /source|path|link|device/.test(outcome), `seed ${seed}, round ${round}: ${outcome}`).toBe(true)
  }
})

describe('sources take in', () => {
  const limit = 100_000
  const tar = Buffer.concat([tarHeader({path: 'zeros', mode: 0o644, size: 1 << 20}), Buffer.alloc(1 << 20), tarPadding(1 << 20), tarEnd])
  const tooLarge = 'The source is larger than 1 GB. Remove large files or list them in .slugignore.'

  test('no more than the limit of a plain archive, and hear the sender out', async () => {
    await using at = await temporaryDirectory()
    const data = Readable.from([tar.subarray(0, 600_000), tar.subarray(600_000), Buffer.alloc(10)])
    await expect(new Sources(at.path, limit).spool('build', data)).rejects.toThrow(tooLarge)
    await finished(data)
    expect(data.errored).toBeNull()
    expect(await readdir(at.path)).toEqual([])
  })

  test('no more than the limit of what a gzip bomb unpacks to', async () => {
    await using at = await temporaryDirectory()
    const bomb = gzipSync(tar)
    expect(bomb.length).toBeLessThan(limit / 10)
    await expect(new Sources(at.path, limit).spool('build', Readable.from([bomb]))).rejects.toThrow(tooLarge)
    expect(await readdir(at.path)).toEqual([])
  })

  test('nothing of a gzip that is damaged', async () => {
    await using at = await temporaryDirectory()
    const broken = Buffer.concat([gzipSync(Buffer.from('hello')).subarray(0, 12), Buffer.from('garbage')])
    await expect(new Sources(at.path).spool('build', Readable.from([broken]))).rejects.toThrow(/not a valid tar\.gz archive/)
    expect(await readdir(at.path)).toEqual([])
  })

  test('only what its checksum announced', async () => {
    await using at = await temporaryDirectory()
    const sources = new Sources(at.path)
    const data = (): Readable => Readable.from([tarEnd])
    const checksum = createHash('sha256').update(tarEnd).digest('hex')
    expect(await sources.spool('right', data(), {checksum: `SHA256:${checksum}`})).toBe(`${at.path}/right.tar`)
    await expect(sources.spool('wrong', data(), {checksum: `SHA256:${'0'.repeat(64)}`})).rejects.toThrow(
      `its checksum is SHA256:${checksum}, not SHA256:000`,
    )
    expect(await readdir(at.path)).toEqual(['right.tar'])
  })

  test.each([
    ['zip', [0x50, 0x4b, 0x03, 0x04]],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ])('no %s, and say what they take', async (format, magic) => {
    await using at = await temporaryDirectory()
    const data = Readable.from([Buffer.concat([Buffer.from(magic), Buffer.alloc(2000, 1)])])
    await expect(new Sources(at.path).spool('build', data)).rejects.toThrow(`The source is a ${format} archive. Send a .tar.gz or a .tar.`)
    expect(await readdir(at.path)).toEqual([])
  })

  test('nothing more once the build is canceled', async () => {
    await using at = await temporaryDirectory()
    const cancel = new AbortController()
    const endless = Readable.from(
      (async function* () {
        for (;;) yield await new Promise<Buffer>(resolve => setImmediate(() => resolve(Buffer.alloc(1000, 1))))
      })(),
    )
    const spooled = new Sources(at.path).spool('build', endless, {signal: cancel.signal})
    await eventually(async () => expect(await readdir(at.path)).toEqual(['build.tar']))
    cancel.abort()
    await expect(spooled).rejects.toThrow('aborted')
    expect(await readdir(at.path)).toEqual([])
    endless.destroy()
  })

  test('no half of an upload that breaks off', async () => {
    await using at = await temporaryDirectory()
    const sources = new Sources(at.path)
    const id = sources.create()
    const breaking = Readable.from(
      (async function* () {
        yield Buffer.alloc(100)
        throw new Error('the client went away')
      })(),
    )
    await expect(sources.put(id, breaking)).rejects.toThrow('the client went away')
    await expect(sources.fetch(`/sources/${id}`, new AbortController().signal)).rejects.toThrow('The source was not uploaded')
    expect(await readdir(at.path)).toEqual([`${id}.upload`])
  })

  test('uploads only under ids that were handed out', async () => {
    await using at = await temporaryDirectory()
    const sources = new Sources(at.path)
    await expect(sources.put('0'.repeat(48), Readable.from(['x']))).rejects.toThrow("Couldn't find that source.")
    await expect(sources.put('../../../etc/passwd', Readable.from(['x']))).rejects.toThrow("Couldn't find that source.")
    expect(() => sources.get('0'.repeat(48))).toThrow("Couldn't find that source.")
    expect(await readdir(at.path)).toEqual([])
    const id = sources.create()
    expect(id).toMatch(/^[0-9a-f]{48}$/)
    const url = `http://127.0.0.1:1/sources/${id}`
    await expect(sources.fetch(url, new AbortController().signal)).rejects.toThrow('The source was not uploaded')
    await sources.put(id, Readable.from([Buffer.from('longer than what follows')]))
    await sources.put(id, Readable.from([Buffer.from('tar')]))
    expect(String(await sources.get(id).toArray())).toBe('tar')
  })
})
