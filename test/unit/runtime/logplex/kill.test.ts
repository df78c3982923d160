import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {createLogplex} from '../../../../src/lib/runtime/logplex/create-logplex.js'
import {openStore} from '../../../../src/lib/runtime/store/store.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {app} from './support.js'

const appender = fileURLToPath(new URL('./appender.ts', import.meta.url))

/** Kills the child once it has said that `count` batches are safe; returns the last safe number. */
async function killAfter(child: ChildProcess, count: number): Promise<number> {
  const closed = once(child, 'close')
  let said = 0
  let safe = -1
  for await (const line of createInterface({input: child.stdout as NodeJS.ReadableStream})) {
    safe = Number(line)
    said += 1
    if (said === count) child.kill('SIGKILL')
  }
  await closed
  return safe
}

test('after kill -9 every flushed line is there, in order, and the cursor says which was the last', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hokku-kill-'))
  const storePath = join(home, 'store.sqlite')
  try {
    const child = spawn(process.execPath, ['--import', 'tsx', appender, home, storePath], {stdio: ['ignore', 'pipe', 'inherit']})
    const safe = await killAfter(child, 60)
    expect(safe).toBeGreaterThanOrEqual(60 * 200 - 1)
    const store = await openStore(storePath)
    const logplex = createLogplex({directory: home, store, clock: systemClock, log: silentLog})
    await logplex.start()
    const texts: string[] = []
    for await (const lines of logplex.read(app, {lines: 0, tail: false, after: 0}, new AbortController().signal))
      texts.push(...lines.map(({text}) => text))
    expect(texts.length).toBeGreaterThan(safe)
    texts.forEach((text, index) => {
      if (!text.endsWith(`app[web.1]: n ${index}`)) expect.fail(`line ${index} is ${text}`)
    })
    expect(logplex.cursor('c1')?.tail.at(-1)).toBe(`n ${texts.length - 1}`)
    await logplex.close()
    store.close()
  } finally {
    rmSync(home, {recursive: true, force: true})
  }
}, 60_000)
