import {describe, expect, it} from 'vitest'
import {CommandError, usageError} from '../../../src/lib/cli/command-error.js'
import {failureOf} from '../../../src/lib/cli/failure.js'
import {RuntimeUnavailable} from '../../../src/lib/client/errors.js'
import {PlatformError} from '../../../src/lib/schema/errors.js'

const around = {log: '/home/me/runtime.log', platform: 'linux'} as const

describe('a failed command', () => {
  it.each([
    [new PlatformError('not_found', 'x'), 1],
    [new PlatformError('engine_unavailable', 'x'), 69],
    [new PlatformError('internal_server_error', 'x'), 70],
    [new PlatformError('service_unavailable', 'x'), 75],
    [new PlatformError('rate_limit', 'x'), 75],
    [new CommandError('x'), 1],
    [usageError('x'), 2],
    [Object.assign(new Error('x'), {oclif: {exit: 2}}), 2],
    [new RuntimeUnavailable('x', {again: true, log: 'l'}), 75],
    [new RuntimeUnavailable('x', {again: false, log: 'l'}), 70],
    [Object.assign(new Error('x'), {name: 'ExitPromptError'}), 130],
    [Object.assign(new Error('socket hang up'), {code: 'ECONNRESET'}), 75],
    [new TypeError('x is not a function'), 70],
    ['thrown text', 70],
  ])('%s exits %i', (error, exit) => {
    expect(failureOf(error, around).exit).toBe(exit)
  })

  it.each([
    ['Docker is there, but this user may not talk to it. Tried:', 'usermod -aG docker'],
    ['Docker 19.03 at unix:///x speaks API 1.40; 1.41 (Docker 20.10) or newer is needed.', 'update Docker'],
    ['Docker does not answer. Tried:', 'systemctl start docker'],
  ])('says how to have an engine when %j', (message, mend) => {
    expect(failureOf(new PlatformError('engine_unavailable', message), around).suggestions).toEqual([expect.stringContaining(mend)])
  })

  it('names the runtime log when it is our bug', () => {
    expect(failureOf(new TypeError('boom'), around).message).toBe(
      "boom\nThis is a bug in hokku. The runtime's log may say more: /home/me/runtime.log",
    )
  })

  it('tells how to start Docker on this system', () => {
    const error = new PlatformError('engine_unavailable', 'No engine answers.')
    expect(failureOf(error, around).suggestions[0]).toContain('systemctl start docker')
    expect(failureOf(error, {...around, platform: 'darwin'}).suggestions[0]).toContain('Docker Desktop')
  })

  it("shows the id of the platform's errors only", () => {
    expect(failureOf(new PlatformError('conflict', 'x'), around).showId).toBe(true)
    expect(failureOf(new CommandError('x'), around).showId).toBe(false)
  })
})
