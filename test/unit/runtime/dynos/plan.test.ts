import {describe, expect, it} from 'vitest'
import {desiredDynos} from '../../../../src/lib/runtime/dynos/desired.js'
import {type ObservedDyno, type PlanFacts, planDynos, printOps} from '../../../../src/lib/runtime/dynos/plan.js'
import {type WantedShape, wantedApp} from './support.js'

const v7: WantedShape = {version: 7, formation: {web: 1, worker: 1}}
const v8: WantedShape = {version: 8, formation: {web: 1, worker: 1}}

describe('planDynos', () => {
  it('starts everything at the first deploy', () => {
    expect(plan(v8, [], {because: 'first deploy', known: new Set()})).toBe('start web.1  # first deploy\nstart worker.1  # first deploy')
  })

  it('calls a dyno created that was never there, and down before a start that was', () => {
    const ops = planDynos(desiredDynos(wantedApp(v8)), [], facts({known: new Set(['web.1'])}))
    expect(ops.map(op => op.op === 'start' && op.from)).toEqual(['down', 'created'])
  })

  it('starts what is missing when scaled up', () => {
    const up = running(v8)
    expect(plan({version: 8, formation: {web: 3, worker: 1}}, up, {because: 'scaled up'})).toBe(
      'start web.2  # scaled up\nstart web.3  # scaled up',
    )
  })

  it('stops the highest numbers when scaled down, and all at 0', () => {
    const up = running({version: 8, formation: {web: 3, worker: 1}})
    expect(plan({version: 8, formation: {web: 1, worker: 0}}, up)).toBe(
      'stop web.2  # scaled down\nstop web.3  # scaled down\nstop worker.1  # scaled to 0',
    )
  })

  it('starts the new web dyno before it stops the old one, and swaps other types at once', () => {
    expect(plan(v8, running(v7))).toBe(
      'start web.1  # release v7 -> v8\nstop worker.1  # replaced by v8\nstart worker.1  # release v7 -> v8',
    )
  })

  it('stops the old web dyno only when the new one is up', () => {
    const [web7] = running(v7) as [ObservedDyno]
    const [web8, worker8] = running(v8) as [ObservedDyno, ObservedDyno]
    expect(plan(v8, [web7, {...web8, state: 'starting'}, worker8])).toBe('')
    expect(plan(v8, [web7, web8, worker8])).toBe('stop web.1  # replaced by v8')
  })

  it('keeps the old web dyno serving while the new one has crashed', () => {
    const [web7] = running(v7) as [ObservedDyno]
    const [web8, worker8] = running(v8) as [ObservedDyno, ObservedDyno]
    const seen: ObservedDyno[] = [web7, {...web8, state: 'crashed'}, worker8]
    expect(plan(v8, seen, {held: new Set(['web.1'])})).toBe('')
    expect(plan(v8, seen)).toBe('remove web.1  # crashed\nstart web.1  # crashed')
  })

  it('drops a release that never came up when a newer one is there', () => {
    const [web7] = running(v7) as [ObservedDyno]
    const [web8] = running(v8) as [ObservedDyno]
    expect(plan({version: 9, formation: {web: 1}}, [web7, {...web8, state: 'starting'}])).toBe(
      'stop web.1  # replaced by v9\nstart web.1  # release v8 -> v9',
    )
  })

  it('replaces dynos whose size changed', () => {
    expect(plan({...v8, size: 'Standard-2X'}, running(v8))).toBe(
      'start web.1  # size Basic -> Standard-2X\nstop worker.1  # size Basic -> Standard-2X\nstart worker.1  # size Basic -> Standard-2X',
    )
  })

  it('stops dynos whose process type is gone', () => {
    expect(plan({version: 9, formation: {web: 1}}, running({version: 9, formation: {web: 1, worker: 1}}))).toBe(
      'stop worker.1  # process type is gone',
    )
  })

  it('waits for the cool-off after a crash', () => {
    const [web, worker] = running(v8) as [ObservedDyno, ObservedDyno]
    const seen: ObservedDyno[] = [web, {...worker, state: 'crashed'}]
    expect(plan(v8, seen, {held: new Set(['worker.1'])})).toBe('')
    expect(plan(v8, seen)).toBe('remove worker.1  # crashed\nstart worker.1  # crashed')
  })

  it('restarts web start-first and other types at once', () => {
    const seen = running(v8).map(one => ({...one, condemned: 'restart' as const}))
    expect(plan(v8, seen)).toBe('start web.1  # restarted\nstop worker.1  # restarted\nstart worker.1  # restarted')
  })

  it('stops at once what was asked to stop, and starts it again', () => {
    const [web] = running(v8) as [ObservedDyno]
    expect(plan({version: 8, formation: {web: 1}}, [{...web, condemned: 'stop'}])).toBe('stop web.1  # stopped\nstart web.1  # stopped')
  })

  it('restarts a dyno that is starting without waiting for it', () => {
    const [web] = running(v8) as [ObservedDyno]
    expect(plan({version: 8, formation: {web: 1}}, [{...web, state: 'starting', condemned: 'restart'}])).toBe(
      'stop web.1  # restarted\nstart web.1  # restarted',
    )
  })

  it('starts again what was removed behind our back', () => {
    const [, worker] = running(v8) as [ObservedDyno, ObservedDyno]
    expect(plan(v8, [worker], {because: 'container is gone'})).toBe('start web.1  # container is gone')
  })

  it('does nothing when the runtime starts and all is as wanted', () => {
    expect(plan(v8, running(v8), {because: 'runtime started'})).toBe('')
  })

  it('does nothing for maintenance mode', () => {
    expect(plan({...v8, maintenance: true}, running(v8))).toBe('')
  })

  it('does nothing for a release that failed, since the one before stays wanted', () => {
    expect(plan(v7, running(v7), {because: 'release v8 failed'})).toBe('')
  })

  it('makes a rollback like any release', () => {
    expect(plan({version: 9, formation: {web: 1}, image: 'sha256:v7'}, running({version: 8, formation: {web: 1}}))).toBe(
      'start web.1  # release v8 -> v9',
    )
  })

  it('wants no dyno for an app without a slug', () => {
    expect(plan({version: 2, formation: {web: 1}, image: undefined}, [])).toBe('')
  })

  it('wants no dyno of the release type', () => {
    expect(desiredDynos(wantedApp({version: 3, formation: {release: 1}}))).toEqual([])
  })
})

function plan(shape: WantedShape, observed: ObservedDyno[], given: Partial<PlanFacts> = {}): string {
  const wanted = wantedApp(shape)
  const types = new Set(Object.keys(wanted.slug?.processTypes ?? {}))
  return printOps(planDynos(desiredDynos(wanted), observed, facts({types, ...given})))
}

function facts(given: Partial<PlanFacts>): PlanFacts {
  return {because: 'test', held: new Set(), types: new Set(), known: new Set(), idle: new Set(), ...given}
}

function running(shape: WantedShape): ObservedDyno[] {
  return desiredDynos(wantedApp(shape)).map(one => ({
    container: `c-${one.name}-${one.version}`,
    dyno: one.name,
    type: one.type,
    size: one.size,
    version: one.version,
    want: one.want,
    state: 'up',
    condemned: undefined,
    createdAt: new Date(one.version * 1000),
  }))
}
