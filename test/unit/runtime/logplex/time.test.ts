import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {compileGrep} from '../../../../src/lib/runtime/logplex/grep.js'
import {recoverSegments} from '../../../../src/lib/runtime/logplex/segments.js'
import {offsetsOf, stampOf} from '../../../../src/lib/runtime/logplex/time-range.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {app, Bench, noon} from './support.js'

const after = (seconds: number): Date => new Date(noon.getTime() + seconds * 1000)
const files = (bench: Bench): string[] => readdirSync(join(bench.directory, app)).sort()
const size = (bench: Bench): number => files(bench).reduce((sum, name) => sum + statSync(join(bench.directory, app, name)).size, 0)

/** Line n is said n seconds after noon. */
function sayEachSecond(bench: Bench, count: number, text = ''): void {
  for (let index = 0; index < count; index += 1) {
    bench.say(`n ${index}${text}`)
    bench.clock.pass(1000)
  }
}

test('lines of a time: its first moment belongs to it, its last does not, and all of them come', async () => {
  await using bench = await Bench.open({segmentBytes: 20_000, batchBytes: 1000})
  sayEachSecond(bench, 5000)
  const numbers = async (since: number | undefined, until: number | undefined, lines: number | 'all' = 'all'): Promise<string> => {
    const said = await bench.messages({
      lines,
      ...(since !== undefined && {since: after(since)}),
      ...(until !== undefined && {until: after(until)}),
    })
    return `${said.length}: ${said[0]} to ${said.at(-1)}`
  }
  expect(await numbers(1000, 4000)).toBe('3000: n 1000 to n 3999')
  expect(await numbers(4990, undefined)).toBe('10: n 4990 to n 4999')
  expect(await numbers(undefined, 7)).toBe('7: n 0 to n 6')
  expect(await numbers(1000, 4000, 2)).toBe('2: n 3998 to n 3999')
  expect(await numbers(-100, 10_000)).toBe('5000: n 0 to n 4999')
  expect(await numbers(6000, 7000)).toBe('0: undefined to undefined')
  expect(await numbers(-20, -10)).toBe('0: undefined to undefined')
})

test('a few minutes of a long log are found without reading the rest', async () => {
  await using bench = await Bench.open({segmentBytes: 1_000_000})
  sayEachSecond(bench, 8_000, 'x'.repeat(1000))
  await bench.logplex.flush()
  const segments = recoverSegments(join(bench.directory, app), silentLog)
  const end = bench.logplex.end(app)
  for (const from of [0, 1, 1_999, 4_000, 7_500]) {
    const within = offsetsOf(segments, end, {since: stampOf(after(from)), until: stampOf(after(from + 180))})
    expect(within.to - within.from).toBeLessThan(600_000)
    const request = {lines: 'all', since: after(from), until: after(from + 180)} as const
    expect(await bench.history(request)).toHaveLength(180)
  }
  expect(end).toBeGreaterThan(8_000_000)
})

test('lines that came a little out of order, and those of a clock that was set back, are found by their times', async () => {
  await using bench = await Bench.open({segmentBytes: 1_000_000})
  const said = async (since: number, until: number): Promise<string[]> =>
    (await bench.messages({lines: 'all', since: after(since), until: after(until)})).map(message => message.split(',')[0] as string)
  sayEachSecond(bench, 1000, `,${'x'.repeat(3000)}`)
  bench.logplex.append(app, {at: after(970), source: 'heroku', ps: 'router', message: 'late'})
  expect(await said(969, 971)).toEqual(['n 969', 'n 970', 'late'])
  bench.clock.pass(-3_600_000)
  sayEachSecond(bench, 1000, ' again')
  expect(await said(300, 302)).toEqual(['n 300', 'n 301'])
  expect(await said(-2600, -2598)).toEqual(['n 0 again', 'n 1 again'])
})

test('a tail begins with the lines of the time that is asked for', async () => {
  await using bench = await Bench.open()
  sayEachSecond(bench, 10)
  const stopped = new AbortController()
  const said: string[] = []
  for await (const lines of bench.logplex.read(app, {lines: 'all', tail: true, since: after(8)}, stopped.signal)) {
    said.push(...lines.map(({text}) => text.slice(45)))
    if (said.length === 2) bench.say('live')
    if (said.length === 3) stopped.abort()
  }
  expect(said).toEqual(['n 8', 'n 9', 'live'])
})

test('an expression is looked for in the line as it is shown', async () => {
  await using bench = await Bench.open()
  bench.say('at=info status=200', 'router', 'heroku')
  bench.say('at=info status=503', 'router', 'heroku')
  bench.say('Grüße, status=504')
  const grep = async (pattern: string, ignoreCase = false): Promise<string[]> =>
    await bench.messages({grep: await compileGrep(pattern, {ignoreCase})})
  expect(await grep('status=5\\d\\d')).toEqual(['at=info status=503', 'Grüße, status=504'])
  expect(await grep('^\\S+ app\\[web')).toEqual(['Grüße, status=504'])
  expect(await grep('grü')).toEqual([])
  expect(await grep('GRÜSSE|grüße', true)).toEqual(['Grüße, status=504'])
})

test('an expression that would take for ever elsewhere takes a moment', async () => {
  await using bench = await Bench.open()
  bench.say(`${'a'.repeat(5000)}!`)
  const began = performance.now()
  expect(await bench.messages({grep: await compileGrep('(a+)+$', {ignoreCase: false})})).toEqual([])
  expect(performance.now() - began).toBeLessThan(5000)
})

test('a share of disk that is made smaller keeps the newest lines, and their ids', async () => {
  await using bench = await Bench.open()
  sayEachSecond(bench, 5000, 'x'.repeat(400))
  const before = await bench.history({lines: 100})
  bench.logplex.setRetention(app, {bytes: 1_048_576, seconds: undefined})
  expect(size(bench)).toBeLessThanOrEqual(1_048_576)
  expect(size(bench)).toBeGreaterThan(700_000)
  expect(await bench.history({lines: 100})).toEqual(before)
  await bench.reopen()
  expect(await bench.history({lines: 100})).toEqual(before)
  sayEachSecond(bench, 5000, 'x'.repeat(400))
  expect(size(bench)).toBeLessThanOrEqual(1_048_576)
  bench.logplex.setRetention(app, undefined)
  sayEachSecond(bench, 5000, 'x'.repeat(400))
  await bench.logplex.flush()
  expect(size(bench)).toBeGreaterThan(2_000_000)
})

test('lines that are too old are not shown, and go from disk within a quarter more of their age', async () => {
  await using bench = await Bench.open({segmentBytes: 10_000, batchBytes: 1000})
  bench.logplex.setRetention(app, {bytes: 64_000_000, seconds: 3600})
  sayEachSecond(bench, 7200)
  expect(await bench.messages({lines: 1})).toEqual(['n 7199'])
  expect((await bench.messages({after: 0}))[0]).toBe('n 3600')
  bench.logplex.setRetention(app, {bytes: 64_000_000, seconds: 3600})
  const oldest = (await bench.messages({after: 0}))[0]
  expect(oldest).toBe('n 3600')
  expect(size(bench)).toBeLessThan(4600 * 55)
})

test('when all lines have grown too old, later ones have later ids, also after a restart', async () => {
  await using bench = await Bench.open()
  bench.logplex.setRetention(app, {bytes: 64_000_000, seconds: 3600})
  sayEachSecond(bench, 100)
  const end = bench.logplex.end(app)
  bench.clock.pass(3 * 3_600_000)
  await new Promise(resolve => setImmediate(resolve))
  expect(size(bench)).toBe(0)
  await bench.reopen()
  bench.say('new')
  const lines = await bench.history()
  expect(lines.map(({text}) => text.slice(45))).toEqual(['new'])
  expect(lines[0]?.id).toBeGreaterThan(end)
})
