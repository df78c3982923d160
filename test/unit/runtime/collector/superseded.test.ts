import {describe, expect, test} from 'vitest'
import type {CacheRecord, Image} from '../../../../src/lib/engine/engine.js'
import {missingRoom, staleCache, supersededImages, supersededSlugs} from '../../../../src/lib/runtime/collector/superseded.js'

const now = new Date('2026-11-25T12:00:00Z')
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 24 * 60 * 60 * 1000)

describe('slugs', () => {
  test('beyond the newest that releases ran with are superseded, whatever else was released between', () => {
    const slugs = ['a', 'b', 'c', 'd'].map(id => ({id, createdAt: daysAgo(9)}))
    const uses = new Map([
      ['a', 3],
      ['b', 20],
      ['c', 5],
      ['d', 21],
    ])
    expect(supersededSlugs({slugs, uses, needed: new Set()}, {keep: 2, now})).toEqual(['a', 'c'])
    expect(supersededSlugs({slugs, uses, needed: new Set(['a'])}, {keep: 2, now})).toEqual(['c'])
  })

  test('that no release has are kept for a day', () => {
    const slugs = [
      {id: 'old', createdAt: daysAgo(2)},
      {id: 'young', createdAt: daysAgo(0.5)},
    ]
    expect(supersededSlugs({slugs, uses: new Map(), needed: new Set()}, {keep: 1, now})).toEqual(['old'])
  })

  test('that are needed or among the newest are never superseded, and no more than those are kept', () => {
    const seed = Number(process.env['HOKKU_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    let state = seed
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return (state >>> 8) % below
    }
    for (let round = 0; round < 500; round += 1) {
      const slugs = Array.from({length: 1 + random(20)}, (_, index) => ({id: `s${index}`, createdAt: daysAgo(random(40) / 10)}))
      const uses = new Map<string, number>()
      for (let version = 1; version <= random(60); version += 1) uses.set(`s${random(slugs.length)}`, version)
      const needed = new Set(Array.from({length: random(4)}, () => `s${random(slugs.length)}`))
      const keep = 1 + random(6)
      const gone = new Set(supersededSlugs({slugs, uses, needed}, {keep, now}))
      const newest = [...uses]
        .sort((a, b) => b[1] - a[1])
        .slice(0, keep)
        .map(([id]) => id)
      const why = `seed ${seed}, round ${round}`
      expect(
        [...needed, ...newest].filter(id => gone.has(id)),
        why,
      ).toEqual([])
      const left = [...uses.keys()].filter(id => !gone.has(id))
      expect(left.length, why).toBe(new Set([...newest, ...[...needed].filter(id => uses.has(id))]).size)
    }
  })
})

const image = (tag: string, kind: string, layers: string, age: number): Image => ({
  id: `sha256:${tag}`,
  tags: tag.includes(':') ? [tag] : [],
  labels: {'hokku.kind': kind},
  sizeBytes: 1,
  createdAt: daysAgo(age),
  layers: layers.split(''),
  config: {entrypoint: [], command: [], user: '', env: {}, exposedPorts: []},
})

describe('images that all apps share', () => {
  const stacks = [
    image('hokku/heroku-24:1', 'stack', 'ab', 60),
    image('hokku/heroku-24-build:1', 'stack', 'abc', 60),
    image('hokku/heroku-24:2', 'stack', 'xy', 30),
    image('hokku/heroku-24-build:2', 'stack', 'xyz', 30),
    image('hokku/heroku-24:3', 'stack', 'mn', 10),
    image('hokku/heroku-24-build:3', 'stack', 'mno', 10),
  ]
  const superseded = (shared: Image[], slugs: Image[]): string[] => supersededImages({shared, slugs}, now).flatMap(({tags}) => tags)

  test('go with the last slug that descends from them, but the newest stays, and the build’s goes with the run’s', () => {
    expect(superseded(stacks, [image('app', 'slug', 'abQ', 1)])).toEqual(['hokku/heroku-24:2', 'hokku/heroku-24-build:2'])
  })

  test('are toolchains that no slug descends from, unless they are young', () => {
    const toolchains = [
      image('hokku/node:old', 'toolchain', 'mnp', 20),
      image('hokku/node-build:old', 'toolchain', 'mnop', 20),
      image('hokku/node:used', 'toolchain', 'mnq', 20),
      image('hokku/node-build:used', 'toolchain', 'mnoq', 20),
      image('hokku/go:young', 'toolchain', 'mnr', 2),
    ]
    expect(superseded([...stacks.slice(4), ...toolchains], [image('app', 'slug', 'mnqZ', 1)])).toEqual([
      'hokku/node:old',
      'hokku/node-build:old',
    ])
  })

  test('never are the only ones of their name', () => {
    expect(superseded([image('hokku/router:1', 'router', 'a', 90)], [])).toEqual([])
  })
})

const record = (id: string, description: string, days: number, more: Partial<CacheRecord> = {}): CacheRecord => ({
  id,
  description,
  parents: [],
  sizeBytes: 100,
  inUse: false,
  shared: false,
  lastUsedAt: daysAgo(days),
  ...more,
})

describe('build cache', () => {
  const step = 'mount / from exec /bin/bash -c exec /usr/bin/perl /run/hokku/step-shell npm ci'
  const stale = (records: CacheRecord[], wanted = 0): string[] =>
    staleCache(records, {now, unusedFor: 7 * 24 * 60 * 60 * 1000, wanted}).map(({id}) => id)

  test('of ours goes when it was not used for a week; contexts at once; what others made stays', () => {
    const records = [
      record('context', 'http url http://build-context-x1', 0.1),
      record('context-now', 'http url http://build-context-x2', 0),
      record('old', step, 8),
      record('young', step, 1),
      record('busy', step, 8, {inUse: true}),
      record('in-an-image', step, 8, {shared: true}),
      record('copy', 'fileop target', 8, {parents: ['old']}),
      record('unpacked', 'fileop target', 8),
      record('theirs', 'mount / from exec /bin/sh -c make', 90),
      record('copy-of-theirs', 'fileop target', 90, {parents: ['theirs']}),
      record('their-cache', 'cached mount /root/.npm from exec /bin/sh -c npm ci', 90),
      record('our-cache', 'cached mount /tmp/build-cache/npm from exec /bin/bash -c exec /usr/bin/perl /run/hokku/step-shell npm ci', 90),
    ]
    expect(stale(records)).toEqual(['context', 'our-cache', 'old', 'copy', 'unpacked'])
  })

  test('makes room when the disk is nearly full, what was used last last', () => {
    const records = [record('newest', step, 1), record('oldest', step, 3), record('middle', step, 2)]
    expect(stale(records, 150)).toEqual(['oldest', 'middle'])
  })

  test('is wanted back when less than a twentieth of the disk is free', () => {
    const gigabyte = 2 ** 30
    expect(missingRoom({freeBytes: 60 * gigabyte, totalBytes: 1000 * gigabyte})).toBe(0)
    expect(missingRoom({freeBytes: 40 * gigabyte, totalBytes: 1000 * gigabyte})).toBe(10 * gigabyte)
    expect(missingRoom({freeBytes: 3 * gigabyte, totalBytes: 60 * gigabyte})).toBe(2 * gigabyte)
    expect(missingRoom(undefined)).toBe(0)
  })
})
