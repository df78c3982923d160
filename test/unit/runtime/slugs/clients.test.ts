import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, expect, test} from 'vitest'
import {EngineError} from '../../../../src/lib/engine/engine.js'
import {memoryEngine} from '../../../../src/lib/engine/memory/memory-engine.js'
import {createClients} from '../../../../src/lib/runtime/slugs/clients.js'

const directory = mkdtempSync(join(tmpdir(), 'hokku-clients-'))
afterEach(() => rmSync(directory, {recursive: true, force: true}))

const question = {id: 'go-versions', toolchain: {name: 'go', downloads: [], install: []}, run: ['go list -m -versions x']}

function scene() {
  const said: {lines: string[]; fails: boolean; at: Date} = {lines: ['answer: 1.25.0', 'noise'], fails: false, at: new Date('2026-11-22')}
  const engine = memoryEngine({
    build(_build, {progress}) {
      for (const line of said.lines) progress({type: 'output', vertex: 'v', name: '[2/2] RUN', line})
      if (said.fails) throw new EngineError('build_failed', 'no network')
    },
  })
  const clock = {now: () => said.at, sleep: () => Promise.resolve()} as never
  const trust = {ca: Buffer.from('PEM'), proxies: {HTTPS_PROXY: 'http://proxy'}}
  return {said, engine, clients: createClients({engine, clock, directory, trust}, async () => 'hokku/go-build:x')}
}

test('an answer is what the client printed; it is kept for a day and leaves no image', async () => {
  const {said, engine, clients} = scene()
  expect(await clients.ask(question)).toEqual(['1.25.0'])
  said.lines = ['answer: 1.26.0']
  said.at = new Date('2026-11-22T23:59:00Z')
  expect(await clients.ask(question)).toEqual(['1.25.0'])
  said.at = new Date('2026-11-23T00:01:00Z')
  expect(await clients.ask(question)).toEqual(['1.26.0'])
  expect(engine.builds).toHaveLength(2)
  expect(engine.builds[0]).toMatchObject({args: {HTTPS_PROXY: 'http://proxy'}, secrets: {ca: Buffer.from('PEM')}})
  expect(await engine.images({})).toHaveLength(1)
})

test('several builds may ask the same at once', async () => {
  const {clients} = scene()
  const asked = Array.from({length: 20}, () => clients.ask(question))
  expect(await Promise.all(asked)).toEqual(asked.map(() => ['1.25.0']))
})

test('an old answer serves when the client has none; without one the client’s own words are told', async () => {
  const {said, clients} = scene()
  await clients.ask(question)
  said.fails = true
  said.at = new Date('2026-11-30')
  expect(await clients.ask(question)).toEqual(['1.25.0'])
  said.lines = ['dial tcp: no route to host']
  await expect(clients.ask({...question, id: 'other'})).rejects.toThrow('could not be asked (other):\ndial tcp: no route to host')
})
