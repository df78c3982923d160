import {describe, expect, it} from 'vitest'
import type {Sample} from '../../soak/measure.js'
import {operationsFor} from '../../soak/plan.js'
import {verdict} from '../../soak/verdict.js'

const MB = 1024 * 1024

/** A run of thirty minutes of two apps in which nothing grows but what must: 5 pushes and 20 releases a minute. */
function run(change: (sample: Sample, minute: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({length: 31}, (_, minute) => {
    const sample: Sample = {
      at: minute * 65,
      pid: minute < 8 ? 1 : 2,
      memory: (100 + Math.min(minute, 10) * 4 + (minute % 3) * 9) * MB,
      kept: (40 + (minute % 3) * 0.3) * MB,
      descriptors: 60 + (minute % 4),
      kinds: {socket: 40 + (minute % 4), file: 20},
      threads: 11,
      children: 0,
      containers: 3,
      networks: 2,
      volumes: 0,
      images: 2 + minute * 5,
      pushes: 2 + minute * 5,
      releases: minute * 20,
      routerProcesses: 2,
      routerMemory: 30 * MB,
      store: 4 * MB + minute * 20 * 1024,
      logs: 100 * MB,
      rest: minute * 5 * 2048,
    }
    return {...sample, ...change(sample, minute)}
  })
}

const violated = (samples: Sample[]): string[] => verdict(samples, 2).flatMap(row => (row.ok ? [] : [row.what]))

describe('the verdict of a soak', () => {
  it('is that all is level when memory only swings and disk grows by what pushes and releases explain', () => {
    expect(violated(run())).toEqual([])
  })

  it.each<[string, (sample: Sample, minute: number) => Partial<Sample>]>([
    ['memory that the runtime keeps', ({kept}, minute) => ({kept: kept + minute * 0.3 * MB})],
    ['memory of the runtime', (_, minute) => ({memory: minute === 20 ? 400 * MB : 150 * MB})],
    ['descriptors of the runtime', ({descriptors}, minute) => ({descriptors: descriptors + minute})],
    ['threads of the runtime', (_, minute) => ({threads: 11 + minute})],
    ['containers', (_, minute) => ({containers: minute === 20 ? 4 : 3})],
    ['networks', (_, minute) => ({networks: minute === 4 ? 1 : 2})],
    ['volumes', (_, minute) => ({volumes: minute > 28 ? 1 : 0})],
    ['children of the runtime', (_, minute) => ({children: minute > 28 ? 1 : 0})],
    ['memory of the router', (_, minute) => ({routerMemory: (30 + minute) * MB})],
    ['logs', (_, minute) => ({logs: (100 + minute) * MB})],
    ['store, each release', (_, minute) => ({store: minute * 20 * 20 * 1024})],
    ['rest of the home, each push', (_, minute) => ({rest: minute * 5 * 100 * 1024})],
    ['images that no push explains', ({images}, minute) => ({images: images + minute})],
  ])('is a violation when %s grow', (what, change) => {
    expect(violated(run(change))).toEqual([what])
  })

  it('does not blame a runtime for what the one before it had', () => {
    expect(violated(run((_, minute) => (minute < 18 ? {pid: 1, descriptors: 10} : {pid: 3, descriptors: 90})))).toEqual([])
  })

  it('is one that says nothing when there is nothing to compare', () => {
    expect(violated(run().slice(0, 1))).toEqual(['samples'])
  })
})

describe('the plan of a soak', () => {
  const first = (seed: number, lane: number): unknown[] => {
    const plan = operationsFor(seed, lane, [0, 1, 2])
    return Array.from({length: 200}, () => plan.next().value)
  }

  it('is the same for the same seed, and another for another seed or pair of hands', () => {
    expect(first(1, 0)).toEqual(first(1, 0))
    expect(first(1, 0)).not.toEqual(first(2, 0))
    expect(first(1, 0)).not.toEqual(first(1, 1))
  })

  it('has every kind of operation on every app', () => {
    expect(new Set(first(1, 0).map(one => (one as {kind: string}).kind)).size).toBe(13)
    expect(new Set(first(1, 0).map(one => (one as {app: number}).app)).size).toBe(3)
  })
})
