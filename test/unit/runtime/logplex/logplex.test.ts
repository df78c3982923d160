import {appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {app, Bench, stamp} from './support.js'

const segments = (bench: Bench): string[] => readdirSync(join(bench.directory, app)).sort()
const segment = (bench: Bench, index: number): string => join(bench.directory, app, segments(bench).at(index) as string)

test('a line is written as it is shown, readable by its owner only', async () => {
  await using bench = await Bench.open()
  bench.say('Release v3 created by user äö', 'api')
  await bench.logplex.flush()
  expect(readFileSync(segment(bench, 0), 'utf8')).toBe(`${stamp} app[api]: Release v3 created by user äö\n`)
  expect(statSync(segment(bench, 0)).mode & 0o777).toBe(0o600)
  expect(statSync(join(bench.directory, app)).mode & 0o777).toBe(0o700)
})

test('neither a message nor a name can break the framing', async () => {
  await using bench = await Bench.open()
  bench.say('two\nlines', 'bad] name:\n')
  bench.logplex.output(app, 'web.1', 'c').write('stdout', Buffer.from(`${stamp} app[web.2]: forged\n`))
  expect((await bench.history()).map(({text}) => text.slice(33))).toEqual([
    'app[bad__name:_]: two',
    'app[bad__name:_]: lines',
    `app[web.1]: ${stamp} app[web.2]: forged`,
  ])
  expect(await bench.messages({dyno: 'web.2'})).toEqual([])
})

test('stdout and stderr come as one, in the order in which lines are complete, the last one without newline', async () => {
  await using bench = await Bench.open()
  const writer = bench.logplex.output(app, 'web.1', 'c')
  writer.write('stdout', Buffer.from('out 1\nout'))
  writer.write('stderr', Buffer.from('err 1\n'))
  writer.write('stdout', Buffer.from(' 2\nlast'))
  writer.end()
  writer.end()
  writer.write('stdout', Buffer.from('after the end\n'))
  expect(await bench.messages()).toEqual(['out 1', 'err 1', 'out 2', 'last'])
})

test('nothing is lost of a dyno that prints 100,000 lines at once and ends', async () => {
  await using bench = await Bench.open()
  const writer = bench.logplex.output(app, 'web.1', 'c')
  const output = Buffer.from(Array.from({length: 100_000}, (_, index) => `line ${index} ${'x'.repeat(60)}\n`).join(''))
  for (let at = 0; at < output.length; at += 32_768) writer.write('stdout', output.subarray(at, at + 32_768))
  writer.end()
  const lines = await bench.messages({after: 0})
  expect(lines).toHaveLength(100_000)
  expect(lines.every((line, index) => line.startsWith(`line ${index} `))).toBe(true)
  expect(segments(bench).length).toBeGreaterThan(1)
})

test('history is the last matching lines, across segments, at most 1500', async () => {
  await using bench = await Bench.open({segmentBytes: 20_000, batchBytes: 1000})
  for (let index = 0; index < 4000; index += 1) bench.say(`n ${index}`, index % 100 === 0 ? 'worker.1' : 'web.1')
  expect((await bench.messages({lines: 5000})).length).toBe(1500)
  expect(await bench.messages({lines: 2})).toEqual(['n 3998', 'n 3999'])
  expect(await bench.messages({lines: 3, dyno: 'worker.1'})).toEqual(['n 3700', 'n 3800', 'n 3900'])
  expect((await bench.messages({lines: 1500, dyno: 'worker.1'})).length).toBe(40)
  expect(await bench.messages({lines: 0})).toEqual([])
})

test('reading after an id gives every line after it and none twice', async () => {
  await using bench = await Bench.open({segmentBytes: 3000, batchBytes: 500})
  for (let index = 0; index < 300; index += 1) bench.say(`n ${index}`)
  const all = await bench.history()
  expect(all).toHaveLength(300)
  for (const index of [0, 1, 57, 298, 299]) expect(await bench.history({after: all[index]?.id as number})).toEqual(all.slice(index + 1))
  expect(await bench.history({after: 10 ** 9})).toEqual([])
})

test('the oldest segments go when an app has more than its share', async () => {
  await using bench = await Bench.open({segmentBytes: 1000, batchBytes: 100, keepBytes: 5000})
  for (let index = 0; index < 1000; index += 1) bench.say(`n ${index}`)
  const kept = await bench.history({after: 0})
  expect(kept.at(-1)?.text).toBe(`${stamp} app[web.1]: n 999`)
  expect(kept.length).toBeGreaterThan(60)
  const sizes = segments(bench).map((_, index) => statSync(segment(bench, index)).size)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(5000)
})

test('a half-written last line is cut and ids go on', async () => {
  await using bench = await Bench.open()
  bench.say('whole')
  const [first] = await bench.history()
  appendFileSync(segment(bench, 0), `${stamp} app[web.1]: ha`)
  await bench.reopen()
  bench.say('next')
  const lines = await bench.history()
  expect(lines.map(({text}) => text.slice(45))).toEqual(['whole', 'next'])
  expect(lines[1]?.id).toBe((first?.id as number) + `${stamp} app[web.1]: next\n`.length)
})

test('damaged segments cost their own lines only, and the runtime log says so', async () => {
  await using bench = await Bench.open({segmentBytes: 500, batchBytes: 1})
  for (let index = 0; index < 40; index += 1) bench.say(`n ${index}`)
  const before = await bench.history()
  truncateSync(segment(bench, 0), 100)
  writeFileSync(segment(bench, 1), Buffer.alloc(statSync(segment(bench, 1)).size))
  rmSync(segment(bench, 2))
  writeFileSync(join(bench.directory, app, 'note.txt'), 'not ours')
  await bench.reopen()
  const after = await bench.history()
  expect(after.length).toBeGreaterThan(5)
  expect(after.length).toBeLessThan(35)
  expect(before).toEqual(expect.arrayContaining(after))
  expect(bench.runtimeLog.join('')).toContain('log segment is damaged')
  bench.say('goes on')
  expect((await bench.messages()).at(-1)).toBe('goes on')
})

test('a last segment in which no line ends is left alone, and lines go on in a new one', async () => {
  await using bench = await Bench.open()
  bench.say('first')
  await bench.logplex.flush()
  writeFileSync(segment(bench, 0), Buffer.alloc(300_000))
  await bench.reopen()
  bench.say('second')
  expect(await bench.messages()).toEqual(['second'])
  expect(segments(bench)).toEqual(['0000000000000000.log', '0000000000300000.log'])
})

test('lines that cannot be written are counted, and said when writing works again', async () => {
  await using bench = await Bench.open({batchBytes: 1, segmentBytes: 1})
  bench.say('written')
  const directory = join(bench.directory, app)
  renameSync(directory, `${directory}.away`)
  writeFileSync(directory, 'in the way')
  bench.say('lost')
  bench.say('lost')
  rmSync(directory)
  renameSync(`${directory}.away`, directory)
  bench.say('written again')
  expect(await bench.messages()).toEqual([
    'written',
    'Error L13 (Local delivery error) -> 2 messages lost: they could not be written',
    'written again',
  ])
  expect(bench.runtimeLog).toHaveLength(1)
  expect(bench.runtimeLog[0]).toContain('log lines cannot be written')
})

test('log files deleted by hand take nothing else with them', async () => {
  await using bench = await Bench.open({segmentBytes: 100})
  bench.say('gone')
  bench.say('gone')
  await bench.logplex.flush()
  rmSync(join(bench.directory, app), {recursive: true})
  bench.say('kept')
  expect(await bench.messages()).toContain('kept')
})

test('a removed app leaves nothing, ends its tails and takes no more lines', async () => {
  await using bench = await Bench.open()
  const writer = bench.logplex.output(app, 'web.1', 'c')
  bench.say('here')
  const tail = bench.logplex.read(app, {lines: 10, tail: true}, new AbortController().signal)[Symbol.asyncIterator]()
  expect((await tail.next()).value).toHaveLength(1)
  const ended = tail.next()
  await bench.logplex.removeApp(app)
  expect((await ended).done).toBe(true)
  writer.write('stdout', Buffer.from('too late\n'))
  bench.say('too late')
  expect(readdirSync(bench.directory)).toEqual([])
  expect(bench.logplex.cursor('c')).toBeUndefined()
})
