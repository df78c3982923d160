import {expect, test} from 'vitest'
import type {LogLine, LogRequest} from '../../../../src/lib/runtime/logplex/logplex.js'
import {app, Bench, stamp} from './support.js'

async function tick(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}

function follow(bench: Bench, request: Partial<LogRequest> = {}): {lines: LogLine[]; stop: () => Promise<void>} {
  const lines: LogLine[] = []
  const stopped = new AbortController()
  const done = (async () => {
    for await (const batch of bench.logplex.read(app, {lines: 10, tail: true, ...request}, stopped.signal)) lines.push(...batch)
  })()
  return {
    lines,
    stop: async () => {
      stopped.abort()
      await done
    },
  }
}

test('live lines follow history without gap or repeat, while lines keep coming', async () => {
  await using bench = await Bench.open({segmentBytes: 4000, batchBytes: 300})
  let said = 0
  const say = (count: number): void => {
    for (let index = 0; index < count; index += 1) bench.say(`n ${said++}`)
  }
  say(500)
  const readers = []
  for (let round = 0; round < 40; round += 1) {
    readers.push({first: Math.max(0, said - 10), reader: follow(bench)})
    say(round % 7)
    await tick()
    say(round)
  }
  for (let round = 0; round < 300; round += 1) await tick()
  for (const {first, reader} of readers) {
    await reader.stop()
    const numbers = reader.lines.map(({text}) => Number(text.split(' ').at(-1)))
    expect(numbers.at(0)).toBeGreaterThanOrEqual(first)
    expect(numbers).toEqual(Array.from({length: said - (numbers[0] as number)}, (_, index) => (numbers[0] as number) + index))
    const ids = reader.lines.map(({id}) => id)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
  }
})

test('a tail that resumes after an id misses nothing and repeats nothing', async () => {
  await using bench = await Bench.open()
  bench.say('one')
  bench.say('two')
  const [first] = await bench.history()
  await bench.reopen()
  const tail = follow(bench, {after: first?.id as number})
  for (let round = 0; round < 5; round += 1) await tick()
  bench.say('three')
  for (let round = 0; round < 5; round += 1) await tick()
  await tail.stop()
  expect(tail.lines.map(({text}) => text.slice(45))).toEqual(['two', 'three'])
})

test('a live tail shows what its filter asks for', async () => {
  await using bench = await Bench.open()
  const tail = follow(bench, {type: 'worker'})
  await tick()
  bench.say('no', 'web.1')
  bench.say('ja: ü', 'worker.2')
  for (let round = 0; round < 5; round += 1) await tick()
  await tail.stop()
  expect(tail.lines.map(({text}) => text)).toEqual([`${stamp} app[worker.2]: ja: ü`])
})

test('a slow reader loses lines and is told how many since when; a fast one beside it loses none', async () => {
  await using bench = await Bench.open({tailBytes: 5000, batchBytes: 500})
  const slow = bench.logplex.read(app, {lines: 0, tail: true}, new AbortController().signal)[Symbol.asyncIterator]()
  const started = slow.next()
  const fast = follow(bench)
  bench.say('start')
  await started
  bench.clock.pass(60_000)
  for (let index = 0; index < 1000; index += 1) {
    bench.say(`n ${index}`)
    if (index % 10 === 0) await tick()
  }
  await tick()
  const got: string[] = []
  while (!got.at(-1)?.includes('Error L11')) got.push(...((await slow.next()).value as LogLine[]).map(({text}) => text))
  const dropped = 1000 - (got.length - 1)
  expect(dropped).toBeGreaterThan(500)
  expect(got.slice(0, -1).map(text => text.slice(45))).toEqual(Array.from({length: got.length - 1}, (_, index) => `n ${index}`))
  expect(got.at(-1)).toBe(
    `2026-11-22T12:01:00.123000+00:00 heroku[logplex]: Error L11 (Tail buffer overflow) -> This tail session dropped ${dropped} messages since 2026-11-22T12:01:00+00:00`,
  )
  bench.say('again')
  expect(((await slow.next()).value as LogLine[])[0]?.text).toContain('again')
  await slow.return?.()
  await fast.stop()
  expect(fast.lines).toHaveLength(1002)
})

test('lines that a slow reader would not have seen are not counted as lost', async () => {
  await using bench = await Bench.open({tailBytes: 1000, batchBytes: 500})
  const slow = bench.logplex.read(app, {lines: 0, tail: true, dyno: 'web.1'}, new AbortController().signal)[Symbol.asyncIterator]()
  const started = slow.next()
  bench.say('first')
  await started
  for (let index = 0; index < 500; index += 1) bench.say('noise', 'worker.1')
  await tick()
  const next = slow.next()
  await tick()
  bench.say('second')
  expect(((await next).value as LogLine[]).map(({text}) => text.slice(45))).toEqual(['second'])
})

test('closing ends every tail after what it still has to read', async () => {
  await using bench = await Bench.open()
  const tail = bench.logplex.read(app, {lines: 1, tail: true}, new AbortController().signal)[Symbol.asyncIterator]()
  bench.say('a')
  await tail.next()
  bench.say('b')
  await tick()
  await bench.logplex.close()
  expect(((await tail.next()).value as LogLine[])[0]?.text).toContain('b')
  expect((await tail.next()).done).toBe(true)
})
