import {expect, test} from 'vitest'
import {cursorAfter, linesAfter} from '../../../../src/lib/runtime/logplex/cursor.js'
import {app, Bench, noon, random} from './support.js'

interface Line {
  at: Date
  line: Buffer
}

function copied(messages: string[], startMs = 0, stepMs = 10): Line[] {
  return messages.map((message, index) => ({at: new Date(noon.getTime() + startMs + index * stepMs), line: Buffer.from(message)}))
}

function unread(read: Line[], copy: Line[]): string[] {
  return linesAfter(cursorAfter(read), copy).map(({line}) => line.toString())
}

const numbered = (from: number, to: number): string[] => Array.from({length: to - from}, (_, index) => `line ${from + index}`)

test('a container of which nothing was read has everything unread', () => {
  expect(unread([], copied(['a', 'b']))).toEqual(['a', 'b'])
})

test('lines continue after the last one read, whatever the engine says the time was', () => {
  for (const drift of [0, -7000, 7000]) expect(unread(copied(numbered(0, 50)), copied(numbered(0, 60), drift))).toEqual(numbered(50, 60))
})

test('a copy that was rotated meanwhile loses nothing of what is left', () => {
  expect(unread(copied(numbered(0, 50)), copied(numbered(40, 60), 400))).toEqual(numbered(50, 60))
  expect(unread(copied(numbered(0, 50)), copied(numbered(70, 90), 700))).toEqual(numbered(70, 90))
})

test('of lines that are all the same the time tells which are unread', () => {
  const ticks = copied(Array.from({length: 150}, () => 'tick'))
  expect(unread(ticks.slice(0, 100), ticks)).toHaveLength(50)
})

test('lines of another container of the same dyno name do not confuse', () => {
  const mine = copied(numbered(0, 30))
  const mixed = mine.flatMap((line, index) => (index % 3 === 0 ? [line, ...copied([`other ${index}`, 'line 35'])] : [line]))
  expect(unread(mixed, copied(numbered(0, 40)))).toEqual(numbered(30, 40))
})

test('a stream that is attached in the middle of a line is joined to the copy at the next one', () => {
  expect(unread(copied(numbered(0, 50)), copied(['ne 45', ...numbered(46, 53)], 450))).toEqual(numbered(50, 53))
})

test('long and \\r\\n lines are recognised as the stream keeps them', () => {
  const long = 'x'.repeat(25_000)
  const read = copied(['a', 'x'.repeat(10_000), 'x'.repeat(10_000), 'x'.repeat(5000)])
  expect(unread(read, copied(['a\r', `${long}\r`, 'new']))).toEqual(['new'])
})

test('random output of few different lines continues at the right place', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const below = random(seed)
    const all = copied(
      Array.from({length: 20 + below(200)}, () => `say ${below(6)}`),
      below(3000),
      3,
    )
    const read = below(all.length)
    expect(unread(all.slice(Math.max(0, read - 50), read), all.slice(Math.max(0, read - 80)))).toEqual(
      read === 0 ? all.map(({line}) => line.toString()) : all.slice(read).map(({line}) => line.toString()),
    )
  }
})

test('after a restart the stream itself tells what was read of a container', async () => {
  await using bench = await Bench.open()
  const old = bench.logplex.output(app, 'web.1', 'old')
  old.write('stdout', Buffer.from('booting\nready\n'))
  const writer = bench.logplex.output(app, 'web.1', 'new')
  expect(bench.logplex.cursor('new')).toBeUndefined()
  writer.write('stdout', Buffer.from('booting\nhälf'))
  bench.say('State changed from starting to up', 'web.1', 'heroku')
  bench.say('booting', 'web.11')
  const again = await bench.reopen()
  const cursor = again.cursor('new')
  expect(cursor).toMatchObject({tail: ['booting'], last: noon})
  expect(cursor?.at.getTime()).toBeLessThan(noon.getTime())
  expect(linesAfter(cursor, copied(['booting', 'hälf and half'])).map(({line}) => line.toString())).toEqual(['hälf and half'])
  expect(again.cursor('old')?.tail).toEqual(['booting', 'ready', 'booting'])
  expect(again.cursor('unknown')).toBeUndefined()
})

test('a second reader of a container continues the first one: its mark stays', async () => {
  await using bench = await Bench.open()
  bench.logplex.output(app, 'web.1', 'c1').write('stdout', Buffer.from('one\n'))
  const again = await bench.reopen()
  again.output(app, 'web.1', 'c1').write('stdout', Buffer.from('two\n'))
  expect(again.cursor('c1')?.tail).toEqual(['one', 'two'])
})
