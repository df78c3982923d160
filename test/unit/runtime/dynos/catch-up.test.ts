import {describe, expect, it} from 'vitest'
import type {Engine, ObservedContainer, OutputChunk} from '../../../../src/lib/engine/engine.js'
import {catchUp} from '../../../../src/lib/runtime/dynos/catch-up.js'
import type {DynoContext} from '../../../../src/lib/runtime/dynos/context.js'
import {liveDyno} from '../../../../src/lib/runtime/dynos/live-dynos.js'
import type {OutputCursor} from '../../../../src/lib/runtime/logplex/logplex.js'
import {type Clock, systemClock} from '../../../../src/lib/runtime/support/clock.js'

const began = new Date()
/** A second passes in 50 ms. */
const quick: Clock = {...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal)}

describe('catchUp', () => {
  it('writes what is in the copy after the last line read, then what comes', async () => {
    const written = await caughtUp({copy: ['1', '2', '3', '4'], read: ['1', '2'], live: ['5\n6\n']})
    expect(written).toBe('3\n4\n5\n6\n')
  })

  it('writes lines once that are in the copy and came live too', async () => {
    expect(await caughtUp({copy: ['1', '2', '3', '4', '5'], read: ['1'], live: ['4\n5', '\n6\n7']})).toBe('2\n3\n4\n5\n6\n7')
  })

  it('writes everything when nothing was read before', async () => {
    expect(await caughtUp({copy: ['1', '2'], read: undefined, live: []})).toBe('1\n2\n')
  })

  it('loses nothing when the copy lags behind what comes live', async () => {
    expect(await caughtUp({copy: ['1', '2', '3'], later: ['4', '5'], read: ['1'], live: ['5\n6\n']})).toBe('2\n3\n4\n5\n6\n')
  })

  it('loses nothing when the copy lags and what was read last is all that it has', async () => {
    expect(await caughtUp({copy: ['1', '2'], later: ['3', '4'], read: ['1', '2'], live: ['4\n5\n']})).toBe('3\n4\n5\n')
  })

  it('writes lines once that are in the copy and come live a moment later only', async () => {
    expect(await caughtUp({copy: ['1', '2', '3', '4', '5'], read: ['1'], live: ['4\n'], slow: ['5\n6\n']})).toBe('2\n3\n4\n5\n6\n')
    expect(await caughtUp({copy: ['1', '2', '3'], read: ['1'], live: [], slow: ['3\n4\n']})).toBe('2\n3\n4\n')
  })

  it('fetches the last lines of a dyno that has ended', async () => {
    expect(await caughtUp({copy: ['1', 'last words'], read: ['1'], live: [], state: 'exited'})).toBe('last words\n')
  })
})

interface Given {
  copy: string[]
  /** What the copy has beside that when it is read again. */
  later?: string[]
  read: string[] | undefined
  live: string[]
  /** What comes live when the copy has been read. */
  slow?: string[]
  state?: 'running' | 'exited'
}

async function caughtUp({copy, later = [], read, live, slow = [], state = 'running'}: Given): Promise<string> {
  let written = ''
  let ended = false
  let late = (): void => undefined
  const cursor: OutputCursor | undefined = read && {at: began, tail: read, last: began}
  const engine: Pick<Engine, 'attach' | 'output'> = {
    async attach(_id, onOutput) {
      const say = (data: string): void => onOutput({stream: 'stdout', data: Buffer.from(data)} satisfies OutputChunk)
      live.forEach(say)
      late = () => {
        slow.forEach(say)
        onOutput(undefined)
      }
      if (slow.length === 0) late()
    },
    async *output() {
      for (const line of copy) yield {at: new Date(), stream: 'stdout', line: Buffer.from(line)}
      copy.push(...later.splice(0))
      if (slow.length > 0) setTimeout(late, 10)
    },
  }
  const logplex = {
    cursor: () => cursor,
    output: () => ({
      write: (_stream: string, data: Buffer) => {
        written += String(data)
      },
      end: () => {
        ended = true
      },
    }),
  }
  const context = {engine, logplex, clock: quick, signal: new AbortController().signal} as unknown as DynoContext
  const dyno = liveDyno({
    id: 'd1',
    container: 'c1',
    appId: 'a1',
    name: 'web.1',
    type: 'web',
    size: 'Basic',
    command: 'serve',
    stack: 'heroku-24',
    release: {id: 'r1', version: 1},
    want: 'w',
    port: 1,
    checks: [],
    createdAt: began,
  })
  await catchUp(context, dyno, {id: 'c1', state, createdAt: began} as ObservedContainer)
  await dyno.outputEnded.promise
  expect(ended).toBe(true)
  return written
}
