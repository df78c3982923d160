import {extract} from 'tar-stream'
import type {Engine} from '../../../engine/engine.js'
import type {BuildResult} from './layers.js'

/** What an image of the stage `planStage` tells: texts by path. */
export async function buildResult(engine: Engine, image: string): Promise<BuildResult> {
  const texts = new Map<string, string>()
  await engine.imageTree(image, '/plan', async tar => {
    const unpack = extract()
    tar.on('error', error => unpack.destroy(error)).pipe(unpack)
    for await (const entry of unpack) {
      const parts: Buffer[] = []
      for await (const part of entry) parts.push(part as Buffer)
      if (entry.header.type === 'file') texts.set(entry.header.name.replace(/^plan\//, ''), Buffer.concat(parts).toString('utf8'))
    }
  })
  return texts
}
