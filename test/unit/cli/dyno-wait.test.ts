import {describe, expect, it} from 'vitest'
import {dynoWait} from '../../../src/lib/cli/dyno-wait.js'
import type {Dyno} from '../../../src/lib/schema/resources.js'

const dyno = (name: string, version: number, state: Dyno['state']): Dyno =>
  ({name, type: name.split('.')[0] as string, state, release: {id: '', version}}) as Dyno

const all = {type: undefined, withRun: false}
const release = {version: 4, status: 'succeeded'} as const

describe('dynoWait', () => {
  it('waits while a dyno is starting, while one of an older release is there, and while the release command runs', () => {
    expect(dynoWait(release, [dyno('web.1', 4, 'up'), dyno('web.2', 4, 'starting')], all)).toEqual({state: 'waiting', version: 4})
    expect(dynoWait(release, [dyno('web.1', 4, 'up'), dyno('web.1', 3, 'up')], all)).toEqual({state: 'waiting', version: 4})
    expect(dynoWait({version: 4, status: 'pending'}, [dyno('web.1', 3, 'up')], all)).toEqual({state: 'waiting', version: 4})
  })

  it('counts neither one-off nor release dynos, unless it is to wait for one-off dynos too', () => {
    const dynos = [dyno('web.1', 4, 'up'), dyno('run.1', 3, 'up'), dyno('release.2', 4, 'starting')]
    expect(dynoWait(release, dynos, all)).toEqual({state: 'done', count: 1})
    expect(dynoWait(release, dynos, {...all, withRun: true})).toEqual({state: 'waiting', version: 4})
  })

  it('looks at one process type when told', () => {
    const dynos = [dyno('web.1', 4, 'up'), dyno('worker.1', 4, 'starting')]
    expect(dynoWait(release, dynos, {...all, type: 'web'})).toEqual({state: 'done', count: 1})
  })

  it('gives up on what waiting cannot mend, but not on an old dyno that crashed', () => {
    expect(dynoWait(release, [dyno('web.1', 4, 'crashed')], all)).toMatchObject({
      state: 'failed',
      because: expect.stringContaining('web.1 of v4'),
    })
    expect(dynoWait({version: 5, status: 'failed'}, [], all)).toMatchObject({
      state: 'failed',
      because: expect.stringContaining('v5 failed'),
    })
    expect(dynoWait(release, [dyno('web.1', 3, 'crashed')], all)).toEqual({state: 'waiting', version: 4})
  })
})
