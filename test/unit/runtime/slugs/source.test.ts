import {Readable} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import {extract} from 'tar-stream'
import {describe, expect, test} from 'vitest'
import {contextTar} from '../../../../src/lib/runtime/slugs/context.js'
import {applySlugignore} from '../../../../src/lib/runtime/slugs/slugignore.js'
import {linksFrom} from '../../../../src/lib/runtime/slugs/source.js'
import {sourceOf} from './source-files.js'

const long = `${'folder/'.repeat(30)}file-with-a-näme.txt`

describe('a source in a tar', () => {
  test('is listed and read without unpacking, long and non-ASCII names included', async () => {
    await using at = await sourceOf([
      {path: './a.txt', text: 'A'},
      {path: long, text: 'deep'},
      {path: 'run', mode: 0o755},
    ])
    expect(at.source.paths).toEqual(['a.txt', long, 'run'].sort())
    expect(await at.source.text('a.txt')).toBe('A')
    expect(await at.source.text(long)).toBe('deep')
    expect(at.source.hasFolder('folder/folder')).toBe(true)
    expect(await at.source.text('missing')).toBeUndefined()
  })

  test('leaves .git out', async () => {
    await using at = await sourceOf([
      {path: '.git/config', text: 'x'},
      {path: '.gitignore', text: 'y'},
    ])
    expect(at.source.paths).toEqual(['.gitignore'])
  })

  test.each([
    [{path: '../evil', text: 'x'}, 'leads out'],
    [{path: '/etc/passwd', text: 'x'}, 'leads out'],
    [{path: 'a/../../b', text: 'x'}, 'leads out'],
    [{path: 'up', link: '../outside'}, 'outside'],
    [{path: 'absolute', link: '/etc/passwd'}, 'outside'],
  ])('refuses %j', async (file, why) => {
    await expect(sourceOf([file])).rejects.toThrow(why)
  })

  test('reads what a symlink leads to, and nothing where links lead nowhere', async () => {
    await using at = await sourceOf([
      {path: 'apps/web/package.json', text: '{"name": "web"}'},
      {path: 'package.json', link: 'current.json'},
      {path: 'current.json', link: '/app/apps/web/package.json'},
      {path: 'dangling', link: 'nowhere'},
      {path: 'a', link: 'b'},
      {path: 'b', link: 'a'},
    ])
    expect(await at.source.text('package.json')).toBe('{"name": "web"}')
    expect(linksFrom('package.json', new Map(at.source.entries.map(entry => [entry.path, entry])))).toEqual([
      'current.json',
      'apps/web/package.json',
    ])
    for (const path of ['dangling', 'a', 'nowhere']) expect(await at.source.text(path)).toBeUndefined()
  })

  test('reads no text that is larger than any manifest', async () => {
    await using at = await sourceOf([{path: 'package.json', text: ' '.repeat((16 << 20) + 1)}])
    await expect(at.source.text('package.json')).rejects.toThrow('package.json: is larger than 16 MB')
  })

  test('knows its folders, however deep and alike', async () => {
    const deep = Array.from({length: 300}, (_, index) => ({path: `${index}/${'d/'.repeat(1900)}f`}))
    await using at = await sourceOf([{path: 'a-b/x'}, {path: 'a.b'}, {path: 'ab/c'}, ...deep])
    expect(['a-b', 'ab', '7/d/d'].map(path => at.source.hasFolder(path))).toEqual([true, true, true])
    expect(['a', 'a.b', 'b', 'zz', '7/d/f', 'ab/c'].map(path => at.source.hasFolder(path))).toEqual(Array(6).fill(false))
  })

  test('refuses a file behind a symlink', async () => {
    await expect(
      sourceOf([
        {path: 'a', link: 'b'},
        {path: 'a/file', text: 'x'},
      ]),
    ).rejects.toThrow('behind a symlink')
  })

  test('keeps symlinks within itself', async () => {
    await using at = await sourceOf([
      {path: 'real', text: 'x'},
      {path: 'deep/link', link: '../real'},
    ])
    expect(at.source.entries.find(entry => entry.path === 'deep/link')?.link).toBe('../real')
  })
})

describe('.slugignore', () => {
  test('matches at any depth without a slash, from the root with one, and knows no negation', async () => {
    await using at = await sourceOf(['a.md', 'x/b.md', 'notes/c', 'x/notes/d', 'keep'].map(path => ({path})))
    const {kept, deleted} = applySlugignore(at.source.entries, '# comment\n*.md\n/notes\n!a.md\n')
    expect(kept.map(entry => entry.path)).toEqual(['x/notes/d', 'keep'])
    expect(deleted).toBe(3)
  })
})

describe('the build context', () => {
  test('is the source under app/, the dependency files once more, and what was generated', async () => {
    const big = 'x'.repeat(3 << 20)
    await using at = await sourceOf([
      {path: 'package.json', text: '{}'},
      {path: 'big', text: big},
      {path: 'run', text: '#!', mode: 0o775},
      {path: 'link', link: 'run'},
      {path: long, text: 'deep'},
    ])
    const stream = Readable.from(contextTar(at.source, [{path: 'Dockerfile', content: Buffer.from('FROM x')}], [new Set(['package.json'])]))
    const found: Record<string, [string, number | undefined]> = {}
    for await (const entry of stream.pipe(extract())) {
      found[entry.header.name] = [entry.header.linkname ?? (await buffer(entry)).toString(), entry.header.mode]
      entry.resume()
    }
    expect(found).toEqual({
      Dockerfile: ['FROM x', 0o644],
      'app/package.json': ['{}', 0o644],
      'dependencies/0/package.json': ['{}', 0o644],
      'app/big': [big, 0o644],
      'app/run': ['#!', 0o755],
      'app/link': ['run', 0o644],
      [`app/${long}`]: ['deep', 0o644],
    })
  })
})
