import {execFileSync} from 'node:child_process'
import {closeSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readPipe} from '../../../../src/lib/runtime/router/line-pipe.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'

/** A pipe whose writer is there, as HAProxy's container keeps it. */
function pipe() {
  const directory = mkdtempSync(join(tmpdir(), 'hokku-pipe-'))
  const path = join(directory, 'lines')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, 'r+')
  const chunks: string[] = []
  return {
    path,
    write: (text: string) => void writeSync(fd, text),
    read: (signal: AbortSignal) => readPipe(path, data => void chunks.push(data.toString()), systemClock, signal),
    text: () => chunks.join(''),
    async until(end: string) {
      for (let tries = 0; tries < 200 && !chunks.join('').endsWith(end); tries += 1) await systemClock.sleep(10)
    },
    [Symbol.dispose]() {
      closeSync(fd)
      rmSync(directory, {recursive: true})
    },
  }
}

describe('a pipe of lines', () => {
  it('brings what was written before anybody read, and what comes after a silence, in order', async () => {
    using lines = pipe()
    const over = new AbortController()
    lines.write('before\n')
    const reading = lines.read(over.signal)
    await lines.until('before\n')
    await systemClock.sleep(150)
    lines.write('after\n')
    await lines.until('after\n')
    over.abort()
    await reading
    expect(lines.text()).toBe('before\nafter\n')
  })

  it('leaves nothing behind when it ends, and what is written then to the next reader', async () => {
    using lines = pipe()
    const first = new AbortController()
    const reading = lines.read(first.signal)
    lines.write('last\n')
    first.abort()
    await reading
    expect(lines.text()).toBe('last\n')
    lines.write('next\n')
    const second = new AbortController()
    const again = lines.read(second.signal)
    await lines.until('next\n')
    second.abort()
    await again
    expect(lines.text()).toBe('last\nnext\n')
  })

  it('that is not there is an error', () => {
    expect(() => readPipe('/nowhere/lines', () => undefined, systemClock, AbortSignal.abort())).toThrow(/ENOENT/)
  })
})
