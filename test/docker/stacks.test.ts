import {randomUUID} from 'node:crypto'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import {createStacks} from '../../src/lib/runtime/slugs/stacks.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'

test('an update runs every step of a stack again, and is what builds find from then on', async () => {
  const engine = await connectDocker({home: randomUUID()})
  const directory = await mkdtemp(join(tmpdir(), 'hokku-stack-'))
  await mkdir(join(directory, 'heroku-24'))
  await mkdir(join(directory, 'launch'))
  const steps = 'RUN date +%s%N > /made'
  await writeFile(
    join(directory, 'heroku-24', 'Dockerfile'),
    `# ${randomUUID()}\nFROM debian:13-slim AS run\n${steps}\nFROM run AS build\nRUN true\n`,
  )
  const stacks = createStacks({engine, clock: systemClock, directory, proxies: {}})
  const wait = {onLine: () => undefined}
  const made = async (image: string): Promise<string> => String(await engine.imageFile(image, '/made'))
  const images: string[] = []
  try {
    const before = await stacks.ensure('heroku-24', wait)
    const updated = await stacks.update(wait)
    images.push(...Object.values(before), ...Object.values(updated))
    expect(await made(updated.run)).not.toBe(await made(before.run))
    expect(await made(updated.build)).toBe(await made(updated.run))
    expect(await stacks.ensure('heroku-24', wait)).toEqual(updated)
  } finally {
    for (const image of images) await engine.removeImage(image)
    await rm(directory, {recursive: true, force: true})
    await engine.close()
  }
}, 120_000)
