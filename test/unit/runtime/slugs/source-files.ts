import {mkdtemp, open, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {type TarSource, tarSource} from '../../../../src/lib/runtime/slugs/source.js'
import {indexTar} from '../../../../src/lib/runtime/slugs/tar-index.js'
import {tarEnd, tarHeader, tarPadding} from '../../../../src/lib/runtime/slugs/tar-write.js'

export interface SourceFile {
  path: string
  text?: string
  mode?: number
  link?: string
}

export function tarOf(files: SourceFile[]): Buffer {
  return Buffer.concat([
    ...files.flatMap(({path, text = '', mode = 0o644, link}) => {
      const content = Buffer.from(text)
      return [tarHeader({path, mode, size: content.length, link}), content, tarPadding(content.length)]
    }),
    tarEnd,
  ])
}

/** A source in a tar file of its own, closed and removed at the end of its scope. */
export async function sourceOf(files: SourceFile[] | Buffer): Promise<AsyncDisposable & {source: TarSource; path: string}> {
  const folder = await mkdtemp(join(tmpdir(), 'hokku-source-'))
  const path = join(folder, 'source.tar')
  await writeFile(path, Buffer.isBuffer(files) ? files : tarOf(files))
  const file = await open(path)
  const dispose = async () => {
    await file.close()
    await rm(folder, {recursive: true, force: true})
  }
  try {
    return {source: tarSource(file, await indexTar(file)), path, [Symbol.asyncDispose]: dispose}
  } catch (error) {
    await dispose()
    throw error
  }
}

export async function filesIn(folder: string): Promise<SourceFile[]> {
  const found = await readdir(folder, {recursive: true, withFileTypes: true})
  const paths = found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Promise.all(
    paths.sort().map(async path => ({
      path: relative(folder, path),
      text: await readFile(path, 'utf8'),
      mode: (await stat(path)).mode & 0o777,
    })),
  )
}
