import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'
import type {OneOffRequest} from '../../../../src/lib/runtime/dynos/dyno-manager.js'
import {eventually} from '../../../support/eventually.js'
import {fastClock} from '../../../support/fast-clock.js'
import {shiftedClock} from '../../../support/movable-clock.js'
import {appId, type World, world} from './support.js'

describe('one-off dynos', () => {
  it('run detached with their output in the log, and leave nothing', async () => {
    await using at = await app()
    const {dyno, secret, ended} = await at.dynos.runOneOff(request('echo hi; exit 7'))
    expect(dyno).toMatchObject({name: 'run.5000', type: 'run', size: 'Basic', state: 'starting', command: 'echo hi; exit 7'})
    expect(secret).toBeUndefined()
    expect(await ended).toBe(7)
    await eventually(async () => expect(await at.engine.observe({})).toEqual([]))
    expect(at.log.lines).toContain('app[api]: Starting process with command `echo hi; exit 7` by user me@example.com')
    expect(at.log.of('run.5000')).toEqual([
      'Starting process with command `echo hi; exit 7`',
      'hi',
      'State changed from starting to up',
      'Process exited with status 7',
      'State changed from up to complete',
    ])
    expect(at.ps()).toEqual([])
  })

  it('give their output to whoever asked for it', async () => {
    await using at = await app()
    const got: Buffer[] = []
    const {ended, dyno} = await at.dynos.runOneOff({...request('echo one; echo two'), type: 'release', onOutput: data => got.push(data)})
    expect(dyno.name).toBe('release.5000')
    expect(await ended).toBe(0)
    expect(Buffer.concat(got).toString()).toBe('one\ntwo\n')
  })

  it('start when their client comes, and carry bytes both ways', async () => {
    await using at = await app()
    const {secret, ended} = await at.dynos.runOneOff({...request('cat; exit 3'), attach: {tty: undefined}, log: false})
    expect(await at.running()).toEqual([])
    expect(at.log.of('run.5000')).toEqual(['Awaiting client'])
    const attached = at.dynos.claim(secret ?? '')
    attached?.stream.end('over there\n')
    expect(await text(attached!.stream)).toBe('over there\n')
    expect(await ended).toBe(3)
    expect(await attached?.ended).toBe(3)
    await eventually(() => expect(at.log.of('run.5000')).toContain('State changed from up to complete'))
    expect(at.log.of('run.5000')).not.toContain('over there')
  })

  it('keep their last words for a client that reads them when all has ended', async () => {
    await using at = await app()
    const {secret, ended} = await at.dynos.runOneOff({...request('echo last words'), attach: {tty: undefined}, log: false})
    const {stream} = at.dynos.claim(secret ?? '')!
    stream.end()
    await ended
    await eventually(() => expect(at.ps()).toEqual([]))
    expect(await text(stream)).toBe('last words\n')
    await eventually(() => expect(stream.destroyed).toBe(true))
  })

  it('have a terminal of the size asked for', async () => {
    await using at = await app()
    const {secret} = await at.dynos.runOneOff({...request('stty size'), attach: {tty: {columns: 99, rows: 33}}, log: false})
    expect(await text(at.dynos.claim(secret ?? '')!.stream)).toBe('33 99\r\n')
  })

  it('are claimed once', async () => {
    await using at = await app()
    const {secret} = await at.dynos.runOneOff({...request('true'), attach: {tty: undefined}, log: false})
    expect(at.dynos.claim(secret ?? '')).toBeDefined()
    expect(at.dynos.claim(secret ?? '')).toBeUndefined()
    expect(at.dynos.claim('no such secret')).toBeUndefined()
  })

  it('end with R13 when no client comes within 30 seconds', async () => {
    await using at = await app({clock: fastClock(500)})
    const {secret, ended} = await at.dynos.runOneOff({...request('echo never'), attach: {tty: undefined}, log: false})
    expect(await ended).toBe(1)
    expect(at.log.of('run.5000').slice(0, 2)).toEqual(['Awaiting client', 'Error R13 (Attach error) -> Failed to attach to process'])
    expect(at.dynos.claim(secret ?? '')).toBeUndefined()
    await eventually(() => expect(at.ps()).toEqual([]))
  })

  it('get SIGHUP when their client goes away', async () => {
    await using at = await app()
    const {secret, ended} = await at.dynos.runOneOff({...request('sleep infinity'), attach: {tty: undefined}, log: false})
    const attached = at.dynos.claim(secret ?? '')
    await eventually(() => expect(at.ps()).toEqual(['run.5000 v8 up']))
    attached?.stream.destroy()
    expect(await ended).toBe(129)
    expect(at.log.of('run.5000')).toContain('Client connection closed. Sending SIGHUP to all processes')
  })

  it('lose a client of whom nothing is heard for an hour, and get SIGHUP then', async () => {
    const clock = shiftedClock()
    await using at = await app({clock})
    const {secret, ended} = await at.dynos.runOneOff({...request('sleep infinity'), attach: {tty: undefined}, log: false})
    const attached = at.dynos.claim(secret ?? '')
    await eventually(() => expect(at.ps()).toEqual(['run.5000 v8 up']))
    for (let time = 0; time < 3; time += 1) {
      clock.advance(50 * 60_000)
      attached?.stream.write('still here\n')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    expect(at.ps()).toEqual(['run.5000 v8 up'])
    clock.advance(61 * 60_000)
    expect(await ended).toBe(129)
    expect(at.log.of('run.5000')).toContain('Client connection closed. Sending SIGHUP to all processes')
  })

  it('log R16 when SIGHUP does not help, and run on', async () => {
    await using at = await app({clock: fastClock(500)})
    const {secret} = await at.dynos.runOneOff({...request("trap '' HUP; sleep infinity"), attach: {tty: undefined}, log: false})
    const attached = at.dynos.claim(secret ?? '')
    await eventually(() => expect(at.ps()).toEqual(['run.5000 v8 up']))
    attached?.stream.destroy()
    await eventually(() =>
      expect(at.log.of('run.5000').join('\n')).toContain('Error R16 (Detached) -> An attached process is not responding'),
    )
    expect(at.ps()).toEqual(['run.5000 v8 up'])
  })

  it('end when their time to live is over', async () => {
    await using at = await app({clock: fastClock(200)})
    const {ended} = await at.dynos.runOneOff({...request('sleep infinity'), timeToLive: 20})
    expect(await ended).toBe(143)
    expect(at.log.of('run.5000')).toContain('Stopping all processes with SIGTERM')
  })

  it('stop for good', async () => {
    await using at = await app()
    const {ended} = await at.dynos.runOneOff(request('sleep infinity'))
    await eventually(() => expect(at.ps()).toEqual(['run.5000 v8 up']))
    await at.dynos.stop(appId, {dyno: 'run.5000'})
    expect(await ended).toBe(143)
    await eventually(async () => expect(await at.engine.observe({})).toEqual([]))
    expect(at.log.of('run.5000').slice(-2)).toEqual(['Process exited with status 143', 'State changed from up to complete'])
  })

  it('stop while they wait for their client', async () => {
    await using at = await app()
    const {ended, secret} = await at.dynos.runOneOff({...request('echo never'), attach: {tty: undefined}, log: false})
    await at.dynos.stop(appId, {dyno: 'run.5000'})
    expect(await ended).toBe(143)
    expect(at.ps()).toEqual([])
    const late = at.dynos.claim(secret ?? '')
    expect(await text(late!.stream)).toBe('')
    expect(await at.engine.observe({})).toEqual([])
  })

  it.each([
    ['eco', 1, 'Eco'],
    ['performance-m', 5, 'Performance-M'],
  ])('of size %s are %i at a time, whatever else runs', async (size, most, name) => {
    await using at = await app()
    await at.dynos.runOneOff(request('sleep infinity'))
    for (let count = 0; count < most; count += 1) await at.dynos.runOneOff({...request('sleep infinity'), size})
    await expect(at.dynos.runOneOff({...request('true'), size})).rejects.toMatchObject({
      message: `Cannot run more than ${most} ${name} size dynos.`,
    })
  })

  it('have numbers of their own, 50 at a time', async () => {
    await using at = await app()
    const names = []
    for (let count = 0; count < 50; count += 1) names.push((await at.dynos.runOneOff(request('sleep infinity'))).dyno.name)
    expect(new Set(names).size).toBe(50)
    await expect(at.dynos.runOneOff(request('true'))).rejects.toMatchObject({
      id: 'invalid_params',
      message: 'Cannot run more than 50 Basic size dynos.',
    })
  })

  it('have config vars, their own variables, $PORT and $DYNO', async () => {
    await using at = await app()
    const {ended} = await at.dynos.runOneOff({...request('echo $A $B $PORT $DYNO'), env: {B: 'mine'}})
    await ended
    expect(at.log.of('run.5000')).toContain('config mine 35000 run.5000')
  })

  it('need a slug and a size that exists', async () => {
    await using at = await world()
    await expect(at.dynos.runOneOff(request('true'))).rejects.toMatchObject({id: 'not_found'})
    await at.want({version: 2, formation: {}, image: undefined})
    await expect(at.dynos.runOneOff(request('true'))).rejects.toMatchObject({id: 'invalid_params'})
    await at.want({version: 8, formation: {}})
    await expect(at.dynos.runOneOff({...request('true'), size: 'huge'})).rejects.toMatchObject({id: 'invalid_params'})
  })

  it('run on over a restart of the runtime', async () => {
    await using at = await app({clock: fastClock(20)})
    await at.dynos.runOneOff(request('sleep infinity'))
    await eventually(() => expect(at.ps()).toEqual(['run.5000 v8 up']))
    await at.restartRuntime()
    expect(at.ps()).toEqual(['run.5000 v8 up'])
    const [container] = await at.engine.observe({})
    at.engine.crash(container?.name ?? '', 5)
    await eventually(() =>
      expect(at.log.of('run.5000').slice(-2)).toEqual(['Process exited with status 5', 'State changed from up to complete']),
    )
  })

  it('run beside the process of a dyno', async () => {
    await using at = await app()
    await at.want({version: 8, formation: {worker: 1}})
    const {secret, view} = await at.dynos.runInside(appId, 'worker.1', 'echo inside; exit 4', {env: {}, tty: undefined})
    expect(view.name).toBe('worker.1')
    const attached = at.dynos.claim(secret)
    expect(await text(attached!.stream)).toBe('inside\n')
    expect(await attached?.ended).toBe(4)
    await expect(at.dynos.runInside(appId, 'worker.2', 'true', {env: {}, tty: undefined})).rejects.toMatchObject({id: 'not_found'})
  })
})

async function app(options: Parameters<typeof world>[0] = {}): Promise<World> {
  const at = await world(options)
  await at.want({version: 8, formation: {}, config: {A: 'config'}})
  return at
}

function request(command: string): OneOffRequest {
  return {appId, command, user: 'me@example.com', log: true}
}
