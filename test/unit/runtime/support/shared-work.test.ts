import {expect, test} from 'vitest'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {SharedWork} from '../../../../src/lib/runtime/support/shared-work.js'

test('work that several wait for runs once, each hears all of it, and one that leaves stops nothing', async () => {
  const work = new SharedWork<string>(systemClock)
  const leaving = new AbortController()
  const heard: Record<string, string[]> = {first: [], second: []}
  let go = (): void => undefined
  const begin = async (say: (line: string) => void): Promise<string> => {
    say('one')
    await new Promise<void>(resolve => {
      go = resolve
    })
    say('two')
    return 'done'
  }
  const first = work.join('key', 'the stack', begin, {onLine: line => heard['first']?.push(line), signal: leaving.signal})
  await Promise.resolve()
  expect(work.now()).toMatchObject([{what: 'the stack', line: 'one'}])
  const never = (): Promise<string> => Promise.reject(new Error('begun twice'))
  const second = work.join('key', 'the stack', never, {onLine: line => heard['second']?.push(line)})
  leaving.abort(new Error('canceled'))
  await expect(first).rejects.toThrow('canceled')
  go()
  expect(await second).toBe('done')
  expect(heard).toEqual({first: ['one'], second: ['one', 'two']})
  expect(work.now()).toEqual([])
})

test('work that failed is begun anew by the next who needs it', async () => {
  const work = new SharedWork<string>(systemClock)
  const wait = {onLine: () => undefined}
  await expect(work.join('key', 'x', () => Promise.reject(new Error('no')), wait)).rejects.toThrow('no')
  expect(await work.join('key', 'x', async () => 'yes', wait)).toBe('yes')
})
