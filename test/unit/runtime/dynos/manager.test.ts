import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {type Engine, EngineError, type ObservedContainer} from '../../../../src/lib/engine/engine.js'
import {eventually} from '../../../support/eventually.js'
import {fastClock} from '../../../support/fast-clock.js'
import {appId, releaseId, type World, world} from './support.js'

describe('the dyno manager', () => {
  it('brings a web dyno up and says so in Heroku words', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}, commands: {web: 'serve -p $PORT $GREETING $HOST_X'}, config: {GREETING: 'hi'}})
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(true)
    expect(at.ps()).toEqual(['web.1 v8 up'])
    expect(at.log.of('web.1')).toEqual([
      'State changed from created to starting',
      'Starting process with command `serve -p 35000 $GREETING $HOST_X`',
      'State changed from starting to up',
    ])
    expect(at.dynos.web(appId)).toMatchObject({up: [{dyno: 'web.1', port: 35_000}], starting: false, crashed: false})
  })

  it('keeps the old release in the router until the new one answers, then stops it', async () => {
    const slow = {listens: true}
    await using at = await world({listening: async () => slow.listens})
    await at.want({version: 7, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(7))
    const [old] = at.dynos.web(appId).up
    slow.listens = false
    await at.want({version: 8, formation: {web: 1}})
    expect(at.ps()).toEqual(['web.1 v7 up', 'web.1 v8 starting'])
    expect(at.dynos.web(appId).up).toEqual([old])
    slow.listens = true
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(true)
    expect(at.dynos.web(appId).up).not.toEqual([old])
    await eventually(async () => expect(await at.running()).toEqual(['demo.web.1.v8']))
    expect(at.log.of('web.1').slice(3)).toEqual([
      'Restarting',
      'State changed from up to starting',
      'Starting process with command `serve web`',
      'State changed from starting to up',
      'Stopping all processes with SIGTERM',
      'Process exited with status 143',
    ])
  })

  it('sends no SIGTERM to an old web dyno before the router follows', async () => {
    let follow: () => void = () => undefined
    const router = {slow: false}
    await using at = await world({router: () => (router.slow ? new Promise(done => (follow = done)) : Promise.resolve())})
    await at.want({version: 7, formation: {worker: 0, web: 1}})
    await at.dynos.settled(appId, releaseId(7))
    router.slow = true
    await at.want({version: 8, formation: {web: 1}})
    await eventually(() => expect(at.ps()).toContain('web.1 v8 up'))
    expect(at.dynos.web(appId).up).toHaveLength(1)
    expect(at.log.of('web.1')).not.toContain('Stopping all processes with SIGTERM')
    expect(await at.running()).toHaveLength(2)
    follow()
    await eventually(() => expect(at.log.of('web.1')).toContain('Process exited with status 143'))
  })

  it('sends no SIGTERM to an old web dyno while it has a request', async () => {
    let end: () => void = () => undefined
    await using at = await world({quiet: () => new Promise(done => (end = done))})
    await at.want({version: 7, formation: {web: 1}})
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    await at.want({version: 8, formation: {web: 1}})
    await eventually(() => expect(at.ps()).toEqual(['web.1 v8 up']))
    await sleep(100)
    expect(at.log.of('web.1')).not.toContain('Stopping all processes with SIGTERM')
    end()
    await eventually(() => expect(at.log.of('web.1')).toContain('Stopping all processes with SIGTERM'))
  })

  it('waits no longer than 5 seconds for a request without an end', async () => {
    await using at = await world({clock: fastClock(50), quiet: () => new Promise(() => undefined)})
    await at.want({version: 7, formation: {web: 1}})
    await eventually(() => expect(at.ps()).toEqual(['web.1 v7 up']))
    const before = at.clock.now().getTime()
    await at.want({version: 7, formation: {web: 0}})
    await eventually(() => expect(at.log.of('web.1')).toContain('Stopping all processes with SIGTERM'))
    expect(at.clock.now().getTime() - before).toBeGreaterThan(4_900)
  })

  it('tells the router about web dynos only', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 2}})
    expect(at.changes).toHaveLength(1)
    await at.want({version: 8, formation: {worker: 2, web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    expect(at.changes).toHaveLength(3)
  })

  it('calls any exit of a formation dyno a crash, restarts it once, then waits 20 minutes', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: 'exit 0'}})
    await eventually(() => expect(at.log.of('worker.1').filter(line => line.endsWith('to crashed'))).toHaveLength(2))
    await at.dynos.converge(appId, 'again')
    expect(at.ps()).toEqual(['worker.1 v8 crashed'])
    expect(at.log.of('worker.1')).toEqual([
      'State changed from created to starting',
      'Starting process with command `exit 0`',
      ...crashAndStart('exit 0'),
      'State changed from starting to up',
      'Process exited with status 0',
      'State changed from up to crashed',
    ])
  })

  it('forgets no cool-off when the runtime is killed, and logs a crash once', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: 'exit 3'}})
    await eventually(() => expect(at.log.of('worker.1').filter(line => line.endsWith('to crashed'))).toHaveLength(2))
    await at.dynos.converge(appId, 'again')
    const logged = at.log.lines.length
    await at.restartRuntime()
    await at.dynos.converge(appId, 'again')
    expect(at.ps()).toEqual(['worker.1 v8 crashed'])
    expect(at.log.lines).toHaveLength(logged)
  })

  it('shows a dyno that cools off as crashed when its container is removed behind our back, also to a runtime that starts then', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}, commands: {web: 'exit 3'}})
    await eventually(() => expect(at.log.of('web.1').filter(line => line.endsWith('to crashed'))).toHaveLength(2))
    await at.dynos.converge(appId, 'again')
    await at.engine.vanish(await only(at))
    const told = at.log.of('web.1').length
    for (const when of ['now', 'after a restart']) {
      if (when !== 'now') await at.restartRuntime()
      await at.dynos.converge(appId, 'again')
      expect(at.ps(), when).toEqual(['web.1 v8 crashed'])
      expect(at.dynos.web(appId), when).toMatchObject({up: [], starting: false, crashed: true})
      expect(await at.engine.observe({}), when).toEqual([])
    }
    expect(at.log.of('web.1')).toHaveLength(told)
    await at.dynos.restart(appId, {dyno: 'web.1'})
    await eventually(() => expect(at.log.of('web.1').filter(line => line.endsWith('to crashed'))).toHaveLength(4))
  })

  it('forgets crashes at a restart and at a new release', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: 'exit 3'}})
    const crashes = (): number => at.log.of('worker.1').filter(line => line.endsWith('to crashed')).length
    await eventually(() => expect(crashes()).toBe(2))
    await at.dynos.restart(appId, {dyno: 'worker.1'})
    await eventually(() => expect(crashes()).toBe(4))
    await at.want({version: 9, formation: {worker: 1}})
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v9 up']))
  })

  it('kills a web dyno that does not bind within 60 seconds: R10, crashed', async () => {
    await using at = await world({clock: fastClock(500), listening: async () => false})
    await at.want({version: 8, formation: {web: 1}})
    await eventually(() => expect(at.log.of('web.1').join('\n')).toContain('State changed from starting to crashed'))
    expect(at.log.of('web.1').slice(2, 6)).toEqual([
      'Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch',
      'Stopping process with SIGKILL',
      'Process exited with status 137',
      'State changed from starting to crashed',
    ])
  })

  it('tells that a release has not come up when its web dynos crash', async () => {
    await using at = await world({listening: async () => false})
    await at.want({version: 8, formation: {web: 1}, commands: {web: 'exit 1'}})
    expect(await at.dynos.settled(appId, releaseId(8))).toBe(false)
    // The restart that follows at once crashes too, and the next one is not due yet.
    await eventually(() => expect(at.dynos.web(appId)).toEqual({up: [], starting: false, crashed: true, idle: false}))
  })

  it('kills what ignores SIGTERM after 30 seconds: R12', async () => {
    await using at = await world({clock: fastClock(200)})
    await at.want({version: 8, formation: {worker: 1}, commands: {worker: "trap '' TERM; sleep infinity"}})
    await at.want({version: 8, formation: {worker: 0}, commands: {worker: "trap '' TERM; sleep infinity"}})
    await eventually(() => expect(at.log.of('worker.1')).toContain('Process exited with status 137'))
    expect(at.log.of('worker.1').slice(3)).toEqual([
      'Stopping all processes with SIGTERM',
      'Error R12 (Exit timeout) -> Process failed to exit within 30 seconds of SIGTERM',
      'Stopping process with SIGKILL',
      'Process exited with status 137',
    ])
    await eventually(async () => expect(await at.engine.observe({})).toEqual([]))
  })

  it('does not keep a newer change waiting for a dyno that takes its 30 seconds', async () => {
    await using at = await world()
    const stubborn = {worker: "trap '' TERM; sleep infinity"}
    await at.want({version: 7, formation: {worker: 1}, commands: stubborn})
    await at.want({version: 8, formation: {worker: 1}})
    await at.want({version: 9, formation: {worker: 2}})
    expect(at.ps()).toEqual(['worker.1 v9 up', 'worker.2 v9 up'])
  })

  it('logs R15 when a dyno is killed for its memory', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    at.engine.runOutOfMemory(await only(at))
    await eventually(() => expect(at.log.of('web.1')).toContain('State changed from crashed to starting'))
    expect(at.log.of('web.1').slice(3, 7)).toEqual([
      'Process running mem=512M(100.0%)',
      'Error R15 (Memory quota vastly exceeded)',
      'Process exited with status 137',
      'State changed from up to crashed',
    ])
  })

  it('starts again a dyno whose container was removed behind our back', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    const [before] = await at.engine.observe({})
    await at.engine.vanish(await only(at))
    await eventually(async () => {
      const [after] = await at.engine.observe({})
      expect(after?.state).toBe('running')
      expect(after?.id).not.toBe(before?.id)
    })
  })

  it('lets a dyno go on that somebody paused, also when that was before the runtime started', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}})
    const {id} = (await at.engine.observe({}))[0]!
    const states = async () => (await at.engine.observe({})).map(({state}) => state)
    at.engine.pause(id)
    expect(await states()).toEqual(['paused'])
    await eventually(async () => expect(await states()).toEqual(['running']))
    expect(at.log.of('worker.1')).toContain('Process was paused from outside. Resuming')
    await at.dynos.close()
    at.engine.pause(id)
    await at.restartRuntime()
    await eventually(async () => expect(await states()).toEqual(['running']))
    expect(at.ps()).toEqual(['worker.1 v8 up'])
  })

  it('brings a dyno back onto its network, and the router to its new address', async () => {
    await using at = await world({clock: fastClock(20)})
    await at.want({version: 8, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    const {id, addresses} = (await at.engine.observe({}))[0]!
    const [[network, before]] = Object.entries(addresses) as [[string, string]]
    await at.engine.disconnect(id, network)
    await eventually(() => expect(at.dynos.web(appId).up[0]?.address).not.toBe(before))
    const {addresses: after} = (await at.engine.observe({}))[0]!
    expect(at.dynos.web(appId).up).toMatchObject([{dyno: 'web.1', address: after[network]}])
    expect(at.log.of('web.1')).toContain('Process was cut off from its network. Reconnecting')
    await at.dynos.close()
    await at.engine.disconnect(id, network)
    await at.restartRuntime()
    await eventually(() => expect(at.dynos.web(appId).up[0]?.address).toBeDefined())
  })

  it('adopts what runs when the runtime starts again, and starts nothing', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 2, worker: 1}})
    await at.dynos.settled(appId, releaseId(8))
    const before = (await at.engine.observe({})).map(one => one.id).sort()
    const logged = at.log.lines.length
    await at.restartRuntime()
    await at.dynos.converge(appId, 'again')
    expect(at.ps()).toEqual(['web.1 v8 up', 'web.2 v8 up', 'worker.1 v8 up'])
    expect((await at.engine.observe({})).map(one => one.id).sort()).toEqual(before)
    expect(at.dynos.web(appId).up).toHaveLength(2)
    expect(at.log.lines).toHaveLength(logged)
  })

  it('sees at its start a crash that happened while it was away, and restarts the dyno', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}})
    const name = await only(at)
    await at.dynos.close()
    at.engine.crash(name, 9)
    await at.restartRuntime()
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v8 up']))
    expect(at.log.of('worker.1').filter(line => line === 'Process exited with status 9')).toHaveLength(1)
  })

  it('does what an engine that was away kept it from doing, once it is back', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1, clock: 1}})
    at.engine.goDown()
    await expect(at.want({version: 8, formation: {worker: 2, clock: 0}})).rejects.toMatchObject({code: 'unavailable'})
    at.engine.comeUp()
    at.engine.breakEvents()
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v8 up', 'worker.2 v8 up']))
    await eventually(async () => expect(await at.running()).toHaveLength(2))
  })

  it('removes the container of a start that broke off when the engine went away', async () => {
    await using at = await world()
    const [start, observe, remove] = [at.engine.start, at.engine.observe, at.engine.remove].map(method => method.bind(at.engine)) as [
      Engine['start'],
      Engine['observe'],
      Engine['remove'],
    ]
    let left: ObservedContainer | undefined
    at.engine.start = async ({name, labels = {}}) => {
      left = {id: 'left', name, labels, state: 'created', addresses: {}, ports: {}, createdAt: new Date()} as unknown as ObservedContainer
      throw new EngineError('unavailable', 'the connection broke')
    }
    await expect(at.want({version: 8, formation: {worker: 1}})).rejects.toMatchObject({code: 'unavailable'})
    at.engine.start = start
    at.engine.observe = async labels => [...(await observe(labels)), ...(left === undefined ? [] : [left])]
    at.engine.remove = async id => {
      if (id !== 'left') return await remove(id)
      left = undefined
    }
    await at.want({version: 9, formation: {worker: 1}})
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v9 up']))
    expect(left).toBeUndefined()
  })

  it('restarts web start-first under another container name', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    await at.dynos.restart(appId, {})
    await eventually(async () => expect(await at.running()).toEqual(['demo.web.1.v8.2']))
    expect(at.plans.join('')).toContain('start web.1  # restarted')
    await at.dynos.restart(appId, {})
    await eventually(async () => expect(await at.running()).toEqual(['demo.web.1.v8']))
  })

  it('ends a restart that was asked for before the runtime was killed', async () => {
    const answers = {yes: true}
    await using at = await world({listening: async () => answers.yes})
    await at.want({version: 8, formation: {web: 1}})
    await at.dynos.settled(appId, releaseId(8))
    answers.yes = false
    await at.dynos.restart(appId, {type: 'web'})
    await at.dynos.converge(appId, 'again')
    answers.yes = true
    await at.restartRuntime()
    await eventually(async () => expect(await at.running()).toEqual(['demo.web.1.v8.2']))
  })

  it('knows no dyno of another name', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 1}})
    await expect(at.dynos.restart(appId, {dyno: 'web.9'})).rejects.toMatchObject({id: 'not_found'})
    await expect(at.dynos.stop(appId, {type: 'clock'})).rejects.toMatchObject({id: 'not_found'})
  })

  it('leaves nothing of an app that is destroyed', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {web: 2}})
    await at.dynos.removeApp(appId)
    expect(await at.engine.observe({})).toEqual([])
    expect(at.ps()).toEqual([])
  })

  it('makes a command that is not there a crash, not an error', async () => {
    await using at = await world()
    await at.want({version: 8, formation: {worker: 1}, image: 'sha256:none'})
    await eventually(() => expect(at.log.of('worker.1').join('\n')).toContain('Error R99 (Platform error)'))
    await eventually(() => expect(at.ps()).toEqual(['worker.1 v8 crashed']))
  })
})

function crashAndStart(command: string): string[] {
  return [
    'State changed from starting to up',
    'Process exited with status 0',
    'State changed from up to crashed',
    'State changed from crashed to starting',
    `Starting process with command \`${command}\``,
  ]
}

async function only(at: World): Promise<string> {
  const [container] = await at.engine.observe({})
  return container?.name ?? ''
}
