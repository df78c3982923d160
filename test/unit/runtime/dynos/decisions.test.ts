import {describe, expect, it} from 'vitest'
import {afterCrash, type Crash} from '../../../../src/lib/runtime/dynos/crash-policy.js'
import {dynoEnvironment, randomPort} from '../../../../src/lib/runtime/dynos/environment.js'
import {commandForLog} from '../../../../src/lib/runtime/dynos/launch.js'
import {webState} from '../../../../src/lib/runtime/dynos/web-state.js'
import {wantedApp} from './support.js'

const at = new Date('2026-11-22T12:00:00Z')
const dyno = {id: 'd1', name: 'web.1', port: 20_000}

describe('afterCrash', () => {
  it('restarts at once, then after 20, 40, 60, 180, 320 minutes, and so on', () => {
    const minutes: number[] = []
    let crash: Crash | undefined
    for (let count = 0; count < 8; count += 1) {
      crash = afterCrash(crash, undefined, at)
      minutes.push((crash.restartAt.getTime() - at.getTime()) / 60_000)
    }
    expect(minutes).toEqual([0, 20, 40, 60, 180, 320, 320, 320])
  })

  it('begins again after a dyno was up for a minute, not after a moment', () => {
    const third = {count: 3, crashedAt: at, restartAt: at}
    expect(afterCrash(third, new Date(at.getTime() - 60_000), at).count).toBe(1)
    expect(afterCrash(third, new Date(at.getTime() - 59_000), at).count).toBe(4)
  })
})

describe('dynoEnvironment', () => {
  it('is what Heroku gives: config vars over PATH and HOME, PORT and DYNO over all', () => {
    const {app, release, slug} = wantedApp({version: 8, formation: {}, config: {A: '1', PATH: '/mine', PORT: '1', DYNO: 'x'}})
    expect(dynoEnvironment(app, release, slug!, dyno, {B: '2'})).toEqual({
      PATH: '/mine',
      HOME: '/app',
      A: '1',
      B: '2',
      PORT: '20000',
      DYNO: 'web.1',
    })
  })

  it('tells about app, release and slug where the app asked for dyno metadata', () => {
    const {app, release, slug} = wantedApp({version: 8, formation: {}})
    const env = dynoEnvironment({...app, features: {'runtime-dyno-metadata': true}}, release, slug!, dyno)
    expect(env).toMatchObject({
      HEROKU_APP_NAME: 'demo',
      HEROKU_APP_DEFAULT_DOMAIN_NAME: 'demo.localhost',
      HEROKU_DYNO_ID: 'd1',
      HEROKU_RELEASE_VERSION: 'v8',
      HEROKU_RELEASE_CREATED_AT: '2026-11-22T10:00:00Z',
      HEROKU_SLUG_COMMIT: '1a2b3c4d',
      HEROKU_SLUG_DESCRIPTION: 'Deploy 1a2b3c4d',
    })
  })

  it('tells about the build where the app asked for that', () => {
    const {app, release, slug} = wantedApp({version: 8, formation: {}})
    const env = dynoEnvironment({...app, features: {'runtime-dyno-build-metadata': true}}, release, slug!, dyno)
    expect(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('HEROKU')))).toEqual({
      HEROKU_BUILD_COMMIT: '1a2b3c4d',
      HEROKU_BUILD_DESCRIPTION: 'Deploy 1a2b3c4d',
    })
  })

  it('has a port from 10000 to 59999', () => {
    expect([randomPort(() => 0), randomPort(() => 0.999_999)]).toEqual([10_000, 59_999])
  })
})

describe('commandForLog', () => {
  it('shows $PORT and no value of a config var', () => {
    expect(commandForLog('run -p $PORT -e $' + '{RAILS_ENV} $A$B \\$1 $toString', {PORT: '24405', A: 'x', RAILS_ENV: 'y'})).toBe(
      'run -p 24405 -e $' + '{RAILS_ENV} $A$B \\$1 $toString',
    )
  })
})

describe('webState', () => {
  const web = (name: string, version: number, state: 'up' | 'starting' | 'crashed') => ({
    name,
    state,
    release: {id: String(version), version},
    createdAt: at,
    address: '10.0.0.1',
    port: version,
  })

  it('has the newest of each name that is up, by number', () => {
    const state = webState([web('web.10', 7, 'up'), web('web.2', 7, 'up'), web('web.2', 8, 'up'), web('web.10', 8, 'starting')])
    expect(state.up.map(one => `${one.dyno} ${one.port}`)).toEqual(['web.2 8', 'web.10 7'])
    expect(state).toMatchObject({starting: true, crashed: false})
  })

  it('is crashed when there are dynos and all have crashed', () => {
    expect(webState([]).crashed).toBe(false)
    expect(webState([web('web.1', 8, 'crashed')]).crashed).toBe(true)
    expect(webState([web('web.1', 8, 'crashed'), web('web.2', 8, 'starting')]).crashed).toBe(false)
  })
})
