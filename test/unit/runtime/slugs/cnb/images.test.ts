import {describe, expect, it} from 'vitest'
import {type Engine, EngineError, type Image} from '../../../../../src/lib/engine/engine.js'
import {foundImage} from '../../../../../src/lib/runtime/slugs/cnb/images.js'

/** An engine with some images, and a registry with others. */
function engineWith({local = [], registry = []}: {local?: string[]; registry?: string[]}): Engine {
  const there = new Set(local)
  return {
    image: async (name: string) => (there.has(name) ? ({id: name} as Image) : undefined),
    async pull(name: string) {
      if (!registry.includes(name)) throw new EngineError('pull_failed', `no registry has ${name}`)
      there.add(name)
    },
  } as unknown as Engine
}

describe('the image of a builder, or of what it builds', () => {
  it('is the engine’s own, by any of its names, before any registry is asked', async () => {
    const lines: string[] = []
    const image = await foundImage(engineWith({local: ['mirror/run'], registry: ['run']}), 'run', ['run', 'mirror/run'], line =>
      lines.push(line),
    )
    expect([image.id, lines]).toEqual(['mirror/run', []])
  })

  it('is pulled from the first registry that has it', async () => {
    const lines: string[] = []
    const image = await foundImage(engineWith({registry: ['mirror/run']}), 'run', ['run', 'mirror/run'], line => lines.push(line))
    expect([image.id, lines]).toEqual(['mirror/run', ['       Pulling run', '       Pulling mirror/run']])
  })

  it('that nobody has is told with what the registry said, and what to do', async () => {
    await expect(foundImage(engineWith({}), 'builder', ['heroku/builder:24'], () => undefined)).rejects.toThrow(
      [
        'The builder image heroku/builder:24 is not in the engine, and it could not be pulled:',
        'no registry has heroku/builder:24',
        'Another builder can be named under [io.buildpacks] in project.toml.',
      ].join('\n'),
    )
  })

  it.each(['x\nRUN id', '../containers/json?', '', '-x'])('is not asked for by what is no name: %j', async name => {
    await expect(foundImage(engineWith({local: [name]}), 'builder', [name], () => undefined)).rejects.toThrow('is no name of an image.')
  })
})
